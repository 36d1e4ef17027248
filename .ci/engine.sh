# Sourced by .ci/act, after lib.sh: a container engine, and images for it that no
# registry is needed for, made of what this machine has.

# engine_up STATE sets DOCKER_HOST to an engine: the one that answers already, or
# a private one that keeps its data in STATE and that engine_down ends. The private
# one has no network of its own: nothing here needs it.
engine_up() {
  engine_pid=
  export DOCKER_BUILDKIT=0
  docker info >/dev/null 2>&1 && return
  [ "$(uname)" = Linux ] && [ "$(id -u)" = 0 ] || return 1
  type -P dockerd docker >/dev/null || need docker.io || return 1
  export DOCKER_HOST=unix://$1/docker.sock
  rm -f "$1/docker.sock" "$1/docker.pid"
  dockerd --host "$DOCKER_HOST" --data-root "$1/data" --exec-root "$1/exec" --pidfile "$1/docker.pid" \
    --bridge none --iptables=false --ip6tables=false >"$1/dockerd.log" 2>&1 </dev/null &
  engine_pid=$!
  for _ in {1..60}; do
    docker info >/dev/null 2>&1 && return
    kill -0 "$engine_pid" 2>/dev/null || break
    sleep 0.5
  done
  tail -5 "$1/dockerd.log" >&2
  return 1
}

# engine_down ends the engine that engine_up started, and unmounts what it leaves.
engine_down() {
  [ -n "${engine_pid:-}" ] || return 0
  end "$engine_pid"
  umount "$(dirname "${DOCKER_HOST#unix://}")"/exec/netns/* 2>/dev/null || true
}

# put ROOT COMMAND... copies commands of this machine into a root folder, with the
# libraries that they are linked to.
put() {
  local root=$1 c f l
  shift
  for c in "$@"; do
    f=$(type -P "$c")
    cp -L "$f" "$root/bin/"
    { ldd "$f" 2>/dev/null || true; } | grep -o '/[^ ]*' | while read -r l; do
      mkdir -p "$root${l%/*}"
      [ -e "$root$l" ] || cp -L "$l" "$root$l"
    done
  done
}

# skeleton ROOT makes a root folder with a shell and the usual commands.
skeleton() {
  local applet
  mkdir -p "$1"/{bin,etc/ssl/certs,root,tmp,usr/bin,usr/local/bin}
  chmod 1777 "$1/tmp"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$1/etc/passwd"
  cp -L /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
  put "$1" busybox
  busybox --list | while read -r applet; do ln -s busybox "$1/bin/$applet" 2>/dev/null || true; done
}

# image NAME KEY FUNCTION [CHANGE...] imports what FUNCTION puts into a root folder
# as an image, unless there is one that was made with the same KEY.
image() {
  local name=$1 key=$2 fill=$3 root change changes=()
  shift 3
  [ "$(docker image inspect --format '{{.Config.Labels.key}}' "$name" 2>/dev/null)" != "$key" ] || return 0
  for change in "LABEL key=$key" "$@"; do changes+=(--change "$change"); done
  root=$(mktemp -d)
  skeleton "$root" && $fill "$root" &&
    tar -C "$root" -c . | docker import "${changes[@]}" - "$name" >/dev/null
  chmod -R u+w "$root"
  rm -rf "$root"
}

# go_image NAME is a stand-in for the official image of Go: this machine's Go, and
# the modules of this checkout.
go_image() {
  local key
  key=$({ go version; cat go.sum .ci/engine.sh; } | sha256sum | cut -c1-16)
  image "$1" "$key" fill_go 'ENV PATH=/usr/local/go/bin:/bin' 'ENV GOPATH=/go' 'ENV HOME=/root' 'ENV GOTOOLCHAIN=local' \
    'ENV GOPROXY=off' 'ENV GOFLAGS=-mod=readonly' 'WORKDIR /go'
}
fill_go() {
  go mod download
  mkdir -p "$1/usr/local/go"
  mkdir -p "$1/usr/share/doc/ca-certificates"
  cp -L /usr/share/doc/ca-certificates/copyright "$1/usr/share/doc/ca-certificates/"
  tar -C "$(go env GOROOT)" -c bin go.env pkg src LICENSE PATENTS VERSION | tar -C "$1/usr/local/go" -x
  GOFLAGS=-modcacherw GOPROXY=file://$(go env GOMODCACHE)/cache/download GOMODCACHE=$1/go/pkg/mod go mod download
}

# runner_image NAME is a small stand-in for a runner of GitHub's: with a curl that only
# says what it was asked for, and knows of the drift workflow's issue $ISSUE; with a
# terraform whose plan is would.json in its folder; and with an aws that knows the
# identities of examples/ses.
runner_image() {
  image "$1" "$(sha256sum .ci/engine.sh | cut -c1-16)" fill_runner 'ENV PATH=/usr/local/bin:/usr/bin:/bin' 'ENV HOME=/root'
}
fill_runner() {
  put "$1" bash git jq
  cat >"$1/usr/local/bin/curl" <<'CURL'
#!/bin/bash
args=("$@")
for i in "${!args[@]}"; do [ "${args[i]}" != -X ] || method=${args[i + 1]}; done
echo "curl $method ${args[-1]}" >&2
case $method in
  GET) if [ -n "$ISSUE" ]; then printf '[{"number": %s, "body": "<!-- sescheck-drift 00 -->"}]' "$ISSUE"; else echo '[]'; fi ;;
  *) echo '{"number": 1}' ;;
esac
CURL
  cat >"$1/usr/local/bin/terraform" <<'TERRAFORM'
#!/bin/bash
case $1 in
  plan) cp would.json "${!#}" ;;
  show) cat "${!#}" ;;
esac
TERRAFORM
  cat >"$1/usr/local/bin/aws" <<'AWS'
#!/bin/bash
args=("$@")
for i in "${!args[@]}"; do
  case ${args[i]} in
    --region) region=${args[i + 1]} ;;
    --email-identity) name=${args[i + 1]} ;;
  esac
done
said=examples/ses/$region
case $2 in
  list-email-identities) cat "$said/list.json" 2>/dev/null || echo '{"EmailIdentities": []}' ;;
  get-email-identity) cat "$said/$name.json" 2>/dev/null || echo '{"IdentityType": "DOMAIN", "VerificationStatus": "SUCCESS"}' ;;
  list-configuration-sets) echo '{"ConfigurationSets": []}' ;;
  *) exit 254 ;;
esac
AWS
  chmod +x "$1/usr/local/bin/"*
}
