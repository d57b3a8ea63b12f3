#!/usr/bin/env bash
# Deletes everything that was built; data and settings stay.
set -euo pipefail
source scripts/lib.sh

rm -rf .build scripts/__pycache__
say "deleted .build; the next build starts anew"
