#!/usr/bin/env bash
# Kills and starves the real server and looks for what it lost: --rounds N, --engine s3.
set -euo pipefail
source scripts/lib.sh

# With `--engine s3` objects lie in a bucket. Unless ARCHIVE_S3_ENDPOINT names a server, one is started
# for this run and ended with it.
engine=directory arguments=("$@") previous=""
for argument in "$@"; do
  case "$argument" in
    --engine=*) engine="${argument#*=}" ;;
  esac
  [ "$previous" != --engine ] || engine="$argument"
  previous="$argument"
done

start_bucket() {
  local port lines
  port="$(ARCHIVE_TEST_OWNER=$$ bash scripts/services/s3.sh start free)" || return 1
  lines="$(bash scripts/services/s3.sh envs "$port")" || return 1
  eval "$lines"
  arguments+=(--gateway "$port")
}

need_build_tools
if is_fresh debug; then
  say "nothing was built here yet: the first build takes about 6 minutes on two cores"
fi
timed "building archive-service" swift build --product archive-service
timed "building archive-torture" swift build --product archive-torture
folder="$(swift build --show-bin-path)"
if [ "$engine" = s3 ] && [ -z "${ARCHIVE_S3_ENDPOINT:-}" ]; then
  trap 'bash scripts/services/s3.sh sweep $$' EXIT
  timed "getting Ceph's object gateway" bash scripts/services/s3.sh install
  timed "starting Ceph's object gateway" start_bucket
fi
"$folder/archive-torture" --server "$folder/archive-service" ${arguments[@]+"${arguments[@]}"}
