#!/usr/bin/env bash
# The part of `need_packages` that root does: apt-install.sh PACKAGE...
set -euo pipefail
exec </dev/null
export DEBIAN_FRONTEND=noninteractive

# Packages that bring a service shall not start it here. Where the machine has no policy for that
# (container images have one), there is one that says no, while this runs and no longer.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

# An update that fails is no reason to stop: the lists that are there may do.
apt-get update -qq || echo "==> apt-get update failed; trying with the lists that are there"
apt-get install -y -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 --no-install-recommends "$@" \
  >/dev/null
