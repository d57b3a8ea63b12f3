#!/usr/bin/env bash
# Builds our server and our clients, gets the peers, and measures: ./dev bench realtime
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/services/lib/service.sh
source scripts/services/lib/service.sh
source scripts/services/lib/python.sh
source scripts/realtime_packages.sh

for argument in "$@"; do
  if [ "$argument" = --help ] || [ "$argument" = -h ]; then
    exec python3 -B scripts/bench/realtime.py --help
  fi
done

need_build_tools
need_packages nodejs node-ws python3
# shellcheck disable=SC2154
need_python_packages socketio "${socketio_packages[@]}"

# Linked as for a small container, and in a folder of its own, because with another flag everything
# else would be built again.
build() { # build PRODUCT: its path on standard output
  local command=(
    swift build --configuration release --static-swift-stdlib --scratch-path .build/static --product "$1"
  )
  timed "building $1" "${command[@]}" >&2 || return
  echo "$("${command[@]}" --show-bin-path)/$1"
}

# The variables are for trying the bench itself.
if is_fresh static; then
  say "building optimised; the first time takes about 8 minutes on two cores"
fi
load="${ARCHIVE_BENCH_LOAD_PROGRAM:-$(build archive-bench-realtime)}"
relay="${ARCHIVE_BENCH_RELAY_PROGRAM:-$(build archive-bench-relay)}"
ours="${ARCHIVE_BENCH_SERVER_PROGRAM:-$(build archive-service)}"
python3 -B scripts/bench/realtime.py "$@" --load "$load" --relay "$relay" --ours "$ours" \
  --packages "$(python_folder socketio "${socketio_packages[@]}")"
