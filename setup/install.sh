#!/usr/bin/env bash
# Installs sescheck on a runner: what setup/action.yml runs.
#
# At the tag of a release, checksums.txt holds the SHA-256 sums of the release's
# archives and of the programs in them. The commit that a workflow pins pins them,
# too, so it does not matter who answers the download. What does not have its sum
# is not installed. On a branch checksums.txt is empty, and sescheck is built from
# the source beside it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sums=$here/checksums.txt

fail() {
  printf '::error title=sescheck setup::%s\n' "$1"
  exit 1
}

case ${RUNNER_OS:-$(uname -s)} in
  Linux) os=linux ;;
  macOS | Darwin) os=darwin ;;
  FreeBSD) os=freebsd ;;
  Windows | MINGW* | MSYS*) os=windows ;;
  *) os=$(printf '%s' "${RUNNER_OS:-$(uname -s)}" | tr -cd 'A-Za-z0-9_') ;;
esac
case ${RUNNER_ARCH:-$(uname -m)} in
  X64 | x86_64 | amd64) arch=amd64 ;;
  ARM64 | arm64 | aarch64) arch=arm64 ;;
  ARM | armv7* | armv8l) arch=armv7 ;;
  armv6*) arch=armv6 ;;
  *) arch=$(printf '%s' "${RUNNER_ARCH:-$(uname -m)}" | tr -cd 'A-Za-z0-9_') ;;
esac
program=sescheck
[ "$os" != windows ] || program=sescheck.exe

# On Windows the runner's paths are Windows', and bash's tools want their own.
ours() { if type -P cygpath >/dev/null; then cygpath -u "$1"; else printf '%s\n' "$1"; fi; }
theirs() { if type -P cygpath >/dev/null; then cygpath -w "$1"; else printf '%s\n' "$1"; fi; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# digest FILE prints the SHA-256 sum of a file.
digest() {
  if type -P sha256sum >/dev/null; then
    sha256sum <"$1"
  elif type -P shasum >/dev/null; then
    shasum -a 256 <"$1"
  else
    openssl dgst -sha256 -r <"$1"
  fi | cut -c1-64
}

# listed NAME prints the sum that checksums.txt has for a name.
listed() { awk -v name="$1" '$2 == name { print $1 }' "$sums"; }

# installed FILE VERSION says where the program is.
installed() {
  local path
  path=$(theirs "$1")
  if [ -n "${GITHUB_PATH:-}" ]; then theirs "$(dirname "$1")" >>"$GITHUB_PATH"; fi
  if [ -n "${GITHUB_OUTPUT:-}" ]; then printf 'path=%s\nversion=%s\n' "$path" "$2" >>"$GITHUB_OUTPUT"; fi
  printf 'sescheck %s: %s\n' "$2" "$path"
}

# place FILE FOLDER moves the program to its folder, whole or not at all: other
# jobs of the same machine may look for it there.
place() { # in a condition, set -e does not hold: each step depends on the one before
  mkdir -p "$2" &&
    cp "$1" "$2/.$program.$$" &&
    chmod 755 "$2/.$program.$$" &&
    mv -f "$2/.$program.$$" "$2/$program"
}

build() { # WHY
  type -P go >/dev/null || fail "$1, and there is no Go here to build sescheck from source: put actions/setup-go before this step, or use a release's tag"
  echo "$1: building from source"
  go build -C "$here/.." -trimpath -buildvcs=false -ldflags '-s -w' -o "$(theirs "$work/$program")" .
  local folder
  folder=$(ours "${RUNNER_TEMP:-${TMPDIR:-/tmp}}")/sescheck-setup
  place "$work/$program" "$folder"
  installed "$folder/$program" source
}

archive=$(awk -v end="_${os}_$arch.tar.gz" 'substr($2, length($2) - length(end) + 1) == end { print $2 }' "$sums")
if [ ! -s "$sums" ]; then
  build 'this is no release of sescheck'
  exit
elif [ -z "$archive" ]; then
  build "there is no release for $os on $arch"
  exit
fi
type -P sha256sum >/dev/null || type -P shasum >/dev/null || type -P openssl >/dev/null ||
  fail 'there is no sha256sum, shasum or openssl here, and nothing is installed unchecked'

version=${archive#sescheck_}
version=${version%"_${os}_$arch.tar.gz"}
want=$(listed "${archive%.tar.gz}/$program")
[ -n "$want" ] || fail "checksums.txt has no sum of the program in $archive"
folder=$(ours "${RUNNER_TOOL_CACHE:-${RUNNER_TEMP:-${TMPDIR:-/tmp}}}")/sescheck/$version/$arch
if [ -f "$folder/$program" ] && [ "$(digest "$folder/$program")" = "$want" ]; then
  installed "$folder/$program" "$version"
  exit
fi

type -P curl >/dev/null || fail 'there is no curl here to download sescheck with'

# The action's own repository: where this server has it, or, on GitHub Enterprise
# Server, where it was taken from.
server=${SESCHECK_SERVER:-${GITHUB_SERVER_URL:-https://github.com}}
repository=${SESCHECK_REPOSITORY:-${GITHUB_ACTION_REPOSITORY:-}}
if [[ -z $repository && $here =~ /_actions/([^/]+/[^/]+)/ ]]; then repository=${BASH_REMATCH[1]}; fi
repository=${repository:-${GITHUB_REPOSITORY:-sescheck/sescheck}}
[[ $repository =~ ^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$ ]] || fail 'the name of the repository of the action is none'
upstream=${SESCHECK_UPSTREAM-https://github.com}
got=
for from in "$server" "$upstream"; do
  if [ -z "$from" ] || [ "$from" = "$server" ] && [ -e "$work/curl" ]; then continue; fi
  url=$from/$repository/releases/download/v$version/$archive
  if curl -fsSL --proto '=https,http' --retry 2 --connect-timeout 10 --max-time 120 --max-filesize 67108864 -o "$work/$archive" "$url" 2>"$work/curl"; then
    got=$url
    break
  fi
  echo "not at $url: $(tr -cd '[:print:]' <"$work/curl" | sed 's/##\[/## [/g')"
done
[ -n "$got" ] || fail "$archive cannot be downloaded from the release v$version of $repository; the lines above say why"

if [ "$(digest "$work/$archive")" != "$(listed "$archive")" ]; then
  fail "what $got gives does not have the SHA-256 sum that is committed for it: nothing is installed"
fi
mkdir "$work/unpacked"
tar -xzf "$work/$archive" -C "$work/unpacked" "$program"
[ "$(digest "$work/unpacked/$program")" = "$want" ] || fail "the program in $archive does not have the SHA-256 sum that is committed for it: nothing is installed"
if ! place "$work/unpacked/$program" "$folder" 2>/dev/null; then
  folder=$(ours "${RUNNER_TEMP:-${TMPDIR:-/tmp}}")/sescheck-setup
  place "$work/unpacked/$program" "$folder"
fi
installed "$folder/$program" "$version"
