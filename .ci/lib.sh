# Sourced by the scripts that need more than Go: .ci/e2e, .ci/act, .ci/pyspf, bench/run.

export LC_ALL=C
export PATH="$PATH:/usr/sbin:/usr/local/sbin" # where NSD and Unbound live

# need COMMAND... installs the Debian packages of the commands that are missing.
need() {
  local missing=() c
  for c in "$@"; do
    type -P "$c" >/dev/null || missing+=("$c")
  done
  [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
}

# install_packages NAME... installs Debian packages. Their services are kept from
# starting: they would take port 53.
install_packages() {
  local sudo= policy=/usr/sbin/policy-rc.d failed=0
  type -P apt-get >/dev/null || { echo "missing, and no apt-get to install them: $*" >&2; return 1; }
  [ "$(id -u)" = 0 ] || sudo=sudo
  echo "installing $*" >&2
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
    $sudo chmod +x $policy
  else
    policy=
  fi
  { $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"; } >/dev/null || failed=1
  [ -z "$policy" ] || $sudo rm -f $policy
  return $failed
}

# free_port prints a port on which nothing listens, below those that the kernel
# gives to clients.
free_port() {
  local port hex
  while :; do
    port=$((20000 + RANDOM % 12000))
    hex=$(printf ':%04X ' $port)
    cat /proc/net/udp /proc/net/tcp /proc/net/udp6 /proc/net/tcp6 2>/dev/null | grep -q "$hex" || break
  done
  echo $port
}

# end PID... ends processes of ours and waits until they are gone.
end() {
  local pid
  for pid in "$@"; do
    kill "$pid" 2>/dev/null || continue
    wait "$pid" 2>/dev/null || true
  done
}
