#!/usr/bin/env bash
# Builds our server, starts a bucket, and measures files beside nginx: ./dev bench uploads
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/services/lib/service.sh
source scripts/services/lib/service.sh
describe s3 9480 20

for argument in "$@"; do
  if [ "$argument" = --help ] || [ "$argument" = -h ]; then
    exec python3 -B scripts/bench/uploads.py --help
  fi
done

need_build_tools
need_packages curl nginx-light python3

build=(
  swift build --configuration release --static-swift-stdlib --scratch-path .build/static
  --product archive-service
)
if [ -z "${ARCHIVE_BENCH_SERVER_PROGRAM:-}" ]; then
  if is_fresh static; then
    say "building optimised; the first time takes about 8 minutes on two cores"
  fi
  timed "building archive-service" "${build[@]}"
fi
# The variable is for trying the bench itself.
program="${ARCHIVE_BENCH_SERVER_PROGRAM:-$("${build[@]}" --show-bin-path)/archive-service}"

# In memory: neither a disk nor its cache shall be measured. Large files would not fit, and their speed is not asked.
export ARCHIVE_TEST_OWNER=$$ RGW_STORE="${RGW_STORE:-memstore}"
[[ " $* " != *" --large"* ]] || RGW_STORE=bluestore
if [ "$RGW_STORE" = memstore ]; then export RGW_STORE_GIB="${RGW_STORE_GIB:-8}"; fi
server_port="$(bash scripts/services/s3.sh start free)"
trap 'bash scripts/services/s3.sh wipe "$server_port"' EXIT
settings="$(bash scripts/services/s3.sh envs "$server_port")"
eval "$settings"
if [[ " $* " == *" --tls "* ]]; then
  settings="$(bash scripts/services/s3.sh envs "$server_port" BENCH)"
  eval "$settings"
  export AWS_ENDPOINT_URL="$BENCH_TLS_ENDPOINT"
  export ARCHIVE_S3_ENDPOINT="$BENCH_TLS_ENDPOINT" ARCHIVE_S3_CAFILE="$BENCH_TLS_CA_FILE" ARCHIVE_S3_SIGNSPAYLOAD=false
fi
python3 -B scripts/bench/uploads.py "$@" --ours "$program"
