#!/usr/bin/env bash
# Kills and starves the real server and looks for what it lost: --rounds N.
set -euo pipefail
source scripts/lib.sh

need_build_tools
if is_fresh debug; then
  say "nothing was built here yet: the first build takes about 6 minutes on two cores"
fi
timed "building archive-service" swift build --product archive-service
timed "building archive-torture" swift build --product archive-torture
folder="$(swift build --show-bin-path)"
exec "$folder/archive-torture" --server "$folder/archive-service" "$@"
