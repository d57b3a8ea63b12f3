#!/usr/bin/env bash
# Measures with an optimised build: append, history, flush, puts, http, auth, s3, mongo, realtime, uploads or page, beside their limits.
set -euo pipefail
source scripts/lib.sh

case "${1:-}" in
  s3 | mongo | realtime | uploads) exec bash "scripts/bench/$1.sh" "${@:2}" ;;
  page) exec bash scripts/dev-browser.sh --release "${@:2}" speed_test ;;
esac
need_build_tools
if [ "${1:-}" = http ] || [ "${1:-}" = auth ]; then
  need_packages wrk
fi
if is_fresh release; then
  say "building optimised; the first time takes about 7 minutes on two cores"
fi
timed "building archive-bench" swift build --configuration release --product archive-bench
exec "$(swift build --configuration release --show-bin-path)/archive-bench" "$@"
