#!/usr/bin/env bash
# A thousand devices talk, vanish and come back for 10 minutes while the server is killed twice: --seconds N.
set -euo pipefail
exec bash scripts/dev-torture.sh --scenario soak "$@"
