#!/usr/bin/env bash
# Measures with an optimised build: append, history, flush, puts, http or s3, beside their limits.
set -euo pipefail
source scripts/lib.sh

if [ "${1:-}" = s3 ]; then
  exec bash scripts/bench/s3.sh "${@:2}"
fi
need_build_tools
if [ "${1:-}" = http ]; then
  need_packages wrk
fi
if is_fresh release; then
  say "building optimised; the first time takes about 7 minutes on two cores"
fi
timed "building archive-bench" swift build --configuration release --product archive-bench
exec "$(swift build --configuration release --show-bin-path)/archive-bench" "$@"
