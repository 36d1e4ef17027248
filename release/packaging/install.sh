#!/bin/sh
# Installs sescheck {{.Version}}: downloads the archive for this machine, checks its
# SHA-256 sum, which is in this file, and installs nothing if it differs.
#
#   sh install.sh [FOLDER]    the default is /usr/local/bin, or else ~/.local/bin
#
# SESCHECK_BASE is another place to download from, such as a mirror.
# It needs curl or wget, tar, and one of sha256sum, shasum and openssl.
set -eu

fail() {
  echo "sescheck: $1" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

digest() {
  if has sha256sum; then
    sha256sum <"$1"
  elif has shasum; then
    shasum -a 256 <"$1"
  elif has openssl; then
    openssl dgst -sha256 -r <"$1"
  else
    fail 'there is no sha256sum, shasum or openssl here, and nothing is installed unchecked'
  fi | cut -c1-64
}

download() { # URL FILE
  if has curl; then
    curl -fsSL --retry 2 --connect-timeout 10 --max-time 300 -o "$2" "$1"
  elif has wget; then
    wget -q -t 2 -T 60 -O "$2" "$1"
  else
    fail 'there is no curl or wget here to download with'
  fi
}

install_sescheck() {
  case $(uname -s) in
    Linux) os=linux ;;
    Darwin) os=darwin ;;
    FreeBSD) os=freebsd ;;
    *) os=$(uname -s) ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) arch=amd64 ;;
    arm64 | aarch64) arch=arm64 ;;
    armv6*) arch=armv6 ;;
    armv7* | armv8l) arch=armv7 ;;
    *) arch=$(uname -m) ;;
  esac
  case ${os}_$arch in
{{- range .Archives}}
    {{.OS}}_{{.Arch}}) sum={{$.Sum .OS .Arch}} ;;
{{- end}}
    *) fail "there is no release for $os on $arch" ;;
  esac

  folder=${1:-}
  if [ -z "$folder" ]; then
    folder=/usr/local/bin
    [ -w "$folder" ] || folder=$HOME/.local/bin
  fi
  archive=sescheck_{{.Version}}_${os}_$arch.tar.gz
  url=${SESCHECK_BASE:-{{.Base}}}/$archive
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
  download "$url" "$work/$archive" || fail "$url cannot be downloaded"
  [ "$(digest "$work/$archive")" = "$sum" ] || fail "what $url gives does not have its SHA-256 sum: nothing is installed"
  tar -xzf "$work/$archive" -C "$work" sescheck
  mkdir -p "$folder"
  # Whole or not at all: a copy in the same folder, and then its name.
  cp "$work/sescheck" "$folder/.sescheck.$$"
  chmod 755 "$folder/.sescheck.$$"
  mv -f "$folder/.sescheck.$$" "$folder/sescheck"
  echo "sescheck {{.Version}}: $folder/sescheck"
}

install_sescheck "$@" # in the last line, so that half of this script does nothing
