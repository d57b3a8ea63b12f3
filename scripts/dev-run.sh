#!/usr/bin/env bash
# Builds the server and runs it; further arguments go to `archive-service serve`.
set -euo pipefail
source scripts/lib.sh

# A debug build is ready in about half the time of an optimised one, is shared with ./dev test, and
# serves a first look well. For measuring and for real use there is --release.
configuration=debug
arguments=()
for argument in "$@"; do
  case "$argument" in
    --release) configuration=release ;;
    -h | --help)
      echo "usage: ./dev run [--release] [arguments of archive-service serve]"
      exit 0
      ;;
    *) arguments+=("$argument") ;;
  esac
done

say "step 1 of 3: looking for what is needed"
need_build_tools
want_run_packages

if is_fresh "$configuration"; then
  if [ "$configuration" = debug ]; then minutes=4; else minutes=7; fi
  say "step 2 of 3: fetching libraries and building ($configuration); the first time takes" \
    "about $minutes minutes on two cores, later seconds"
else
  say "step 2 of 3: building what changed ($configuration)"
fi
start=$SECONDS
swift build --configuration "$configuration" --product archive-service
say "built after $((SECONDS - start)) s"
binary="$(swift build --configuration "$configuration" --show-bin-path)/archive-service"

host="${ARCHIVE_HTTP_HOST:-127.0.0.1}"
port="${ARCHIVE_HTTP_PORT:-8080}"
previous=""
for argument in ${arguments[@]+"${arguments[@]}"}; do
  case "$previous" in
    --host) host="$argument" ;;
    --port) port="$argument" ;;
  esac
  previous="$argument"
done
url="${ARCHIVE_HTTP_PUBLICURL:-http://$host:$port}"
say "step 3 of 3: starting the server; Ctrl-C ends it"
cat <<TEXT

When it is ready it prints its URL. In another terminal, from this folder:

  curl -s $url/readyz

The README's "first conversation" goes on from there; the interface is described at $url/docs

TEXT
exec "$binary" serve ${arguments[@]+"${arguments[@]}"}
