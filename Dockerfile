# The action's image: the program, the certificates that DNS over TLS and HTTPS
# need, and nothing else. There is no USER and no WORKDIR, because the runner
# mounts the workspace, starts the container in it, and needs root to write there:
# https://docs.github.com/actions/reference/workflows-and-actions/dockerfile-support
ARG GO_IMAGE=golang:1.26
FROM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum main.go ./
COPY internal ./internal
COPY docs ./docs
# The same source gives the same bytes, wherever it is built. VERSION is for
# releases; without it the program says what main.go says.
ARG VERSION
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w ${VERSION:+-X main.version=$VERSION}" -o /sescheck .

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /sescheck /sescheck
ENTRYPOINT ["/sescheck"]
