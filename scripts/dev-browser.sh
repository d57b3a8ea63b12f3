#!/usr/bin/env bash
# Tries the web page: its pure modules, and the whole of it in a real Chromium (further arguments choose tests).
set -euo pipefail
source scripts/lib.sh
source scripts/services/lib/folder.sh
source scripts/services/lib/python.sh

# Drives the Chromium of Debian, and brings a JavaScript runtime for the modules that need no browser.
playwright=(playwright==1.65.2 greenlet==3.5.6 typing_extensions==4.16.0)

help() {
  cat <<TEXT
usage: ./dev browser [--no-build] [--release] [tests, such as page_test.Talking]

  ARCHIVE_TEST_PICTURES=FOLDER  keeps pictures of the main screens there
  ARCHIVE_TEST_CHROMIUM=PATH    takes this browser in place of /usr/bin/chromium
  ARCHIVE_TEST_MESSAGES=N       so many messages in speed_test, 10000 if not given
TEXT
}

builds=yes configuration=debug tests=()
for argument in "$@"; do
  case "$argument" in
    -h | --help) help; exit 0 ;;
    --no-build) builds=no ;;
    --release) configuration=release ;;
    *) tests+=("$argument") ;;
  esac
done
[ ${#tests[@]} -gt 0 ] || tests=(page_test files_test staff_test access_test)

need_packages chromium libvips-tools python3
need_python_packages playwright "${playwright[@]}"
packages="$(python_folder playwright "${playwright[@]}")"
timed "the page's pure modules" "$packages/playwright/driver/node" --test Tests/WebPageTests/*.test.mjs

build=(swift build --configuration "$configuration")
[ "$builds" = no ] || timed "building" "${build[@]}" --product archive-service
program="$("${build[@]}" --show-bin-path)/archive-service"
scratch="$(mktemp -d)"
server=""
end() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$server" ] || wait "$server" 2>/dev/null || true
  rm -rf "$scratch"
}
trap end EXIT

# All people of the tests come from one address, and passwords need not be strong. What goes into the archive, and when,
# the tests say.
export ARCHIVE_TEST_PROGRAM="$program" ARCHIVE_ARCHIVE_IDLE=10m ARCHIVE_ARCHIVE_MAXAGE=1h
export ARCHIVE_DATA_DIRECTORY="$scratch/data" ARCHIVE_AUTH_PASSWORDCOST=4 ARCHIVE_CONVERSATIONS_CUSTOMERSMAYMEET=true \
  ARCHIVE_LIMITS_SIGNINSPERADDRESS=off ARCHIVE_LIMITS_SIGNUPSPERADDRESS=off ARCHIVE_LIMITS_SENDSPERADDRESS=off \
  ARCHIVE_LIMITS_SENDSPERACCOUNT=off ARCHIVE_LIMITS_SEARCHESPERADDRESS=off
"$program" serve --port 0 >"$scratch/log" 2>&1 &
server=$!
for _ in $(seq 100); do
  url="$(sed -n 's/^archive-service listens on //p' "$scratch/log")"
  [ -z "$url" ] || break
  sleep 0.1
done
[ -n "$url" ] || { cat "$scratch/log" >&2; fail "the server did not start"; }
echo "correct horse battery" |
  "$program" user create --role admin --email admin@example.org --name "Anna Admin" --password-stdin >/dev/null

cd Tests/BrowserTests
ARCHIVE_TEST_PAGE_URL="$url" PYTHONPATH="$packages" \
  timed "the page in Chromium" python3 -B -m unittest --verbose "${tests[@]}"
