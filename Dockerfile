# The action's image: the program, the certificates that DNS over TLS and HTTPS
# need, the licences of both, and nothing else. There is no USER and no WORKDIR,
# because the runner mounts the workspace, starts the container in it, and needs root
# to write there:
# https://docs.github.com/actions/reference/workflows-and-actions/dockerfile-support
# The digest is what counts, the tag is for readers: docs/release.md says how both
# are renewed.
ARG GO_IMAGE=golang:1.26.8@sha256:3c3e25a4da13fd0478eed2df1eb35a0e667094a7124d3993a6a1d30f71c17e79
FROM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum main.go LICENSE ./
COPY internal ./internal
COPY docs ./docs
COPY release/notices ./release/notices
# The same source gives the same bytes, wherever it is built: no other toolchain is
# fetched than the image has. VERSION is for releases; without it the program says
# what main.go says.
ARG VERSION
RUN CGO_ENABLED=0 GOTOOLCHAIN=local go build -trimpath -buildvcs=false -ldflags "-s -w ${VERSION:+-X main.version=$VERSION}" -o /sescheck . && \
  mkdir /doc && cp LICENSE /doc/LICENSE && \
  CGO_ENABLED=0 GOTOOLCHAIN=local go run ./release/notices /sescheck >/doc/NOTICES && cp /usr/share/doc/ca-certificates/copyright /doc/ca-certificates

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /doc /usr/share/doc/sescheck
COPY --from=build /sescheck /sescheck
ENTRYPOINT ["/sescheck"]
