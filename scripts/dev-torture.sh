#!/usr/bin/env bash
# Kills and starves the real server and looks for what it lost: --rounds N, --engine s3, --nodes 2.
set -euo pipefail
source scripts/lib.sh

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

start_service() { # start_service NAME OPTION: OPTION tells the tool the port
  local port lines
  port="$(ARCHIVE_TEST_OWNER=$$ bash "scripts/services/$1.sh" start free)" || return 1
  lines="$(bash "scripts/services/$1.sh" envs "$port")" || return 1
  eval "$lines"
  arguments+=("$2" "$port")
}

# Everything with the mark of this process, whatever service it is.
sweep() { bash scripts/services/s3.sh sweep $$; }

need_build_tools
if is_fresh debug; then
  say "nothing was built here yet: the first build takes about 6 minutes on two cores"
fi
timed "building archive-service" swift build --product archive-service
timed "building archive-torture" swift build --product archive-torture
folder="$(swift build --show-bin-path)"
if [[ "$engine" = *s3 ]] && [ -z "${ARCHIVE_S3_ENDPOINT:-}" ]; then
  trap sweep EXIT
  timed "getting Ceph's object gateway" bash scripts/services/s3.sh install
  timed "starting Ceph's object gateway" start_service s3 --gateway
fi
if [[ "$engine" = mongo* ]] && [ -z "${ARCHIVE_MONGO_URI:-}" ]; then
  trap sweep EXIT
  timed "getting MongoDB" bash scripts/services/mongo.sh install
  timed "starting MongoDB" start_service mongo --mongo
fi
"$folder/archive-torture" --server "$folder/archive-service" ${arguments[@]+"${arguments[@]}"}
