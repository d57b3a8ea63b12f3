#!/usr/bin/env bash
# Serve the official test suites of Engine.IO and Socket.IO (--port N, 3000 if not given).
set -euo pipefail
swift build --product archive-conformance
exec "$(swift build --show-bin-path)/archive-conformance" "$@"
