#!/usr/bin/env bash
# Kills and starves the real server and looks for what it lost: --rounds N, --engine s3, --nodes 2.
set -euo pipefail
source scripts/lib.sh
source scripts/services/lib/start.sh

# With `--engine s3` objects lie in a bucket, with `--engine mongo+s3` documents lie in MongoDB as well.
# Unless ARCHIVE_S3_ENDPOINT and ARCHIVE_MONGO_URI name servers, they are started for this run and ended
# with it. MONGO_MEMBERS=3 makes a replica set of three.
engine=directory arguments=("$@") previous=""
for argument in "$@"; do
  case "$argument" in
    --engine=*) engine="${argument#*=}" ;;
  esac
  [ "$previous" != --engine ] || engine="$argument"
  previous="$argument"
done

# The tool gets the port as well, to break the server.
start_target() { # start_target NAME OPTION
  start_service "$1" || return 1
  arguments+=("$2" "$started_port")
}

need_build_tools
if is_fresh debug; then
  say "nothing was built here yet: the first build takes about 6 minutes on two cores"
fi
timed "building archive-service" swift build --product archive-service
timed "building archive-torture" swift build --product archive-torture
folder="$(swift build --show-bin-path)"
if [[ "$engine" = *s3 ]] && [ -z "${ARCHIVE_S3_ENDPOINT:-}" ]; then
  trap sweep_started EXIT
  timed "getting Ceph's object gateway" bash scripts/services/s3.sh install
  timed "starting Ceph's object gateway" start_target s3 --gateway
fi
if [[ "$engine" = mongo* ]] && [ -z "${ARCHIVE_MONGO_URI:-}" ]; then
  trap sweep_started EXIT
  timed "getting MongoDB" bash scripts/services/mongo.sh install
  timed "starting MongoDB" start_target mongo --mongo
fi
"$folder/archive-torture" --server "$folder/archive-service" ${arguments[@]+"${arguments[@]}"}
