#!/usr/bin/env bash
# Builds and runs all tests; further arguments go to `swift test` (such as --filter NAME).
set -euo pipefail
source scripts/lib.sh

need_build_tools
if is_fresh debug; then
  say "nothing was built here yet: the first build takes about 6 minutes on two cores"
fi
timed "building the tests" swift build --build-tests
timed "running the tests" swift test --skip-build "$@"
