# Where everything lies that was downloaded for tests, and what test servers store.
# shellcheck shell=bash

# Outside of the repository, so that clones share the programs, and `./dev clean` pulls nothing away
# from under a running server. CI may keep it from one run to the next.
services_folder="${ARCHIVE_TEST_SERVICES_DIR:-${XDG_CACHE_HOME:-${HOME:-${TMPDIR:-/tmp}}/.cache}/chat-archive-services}"
services_folder="$(realpath --canonicalize-missing "$services_folder")"
case "$services_folder" in
  *[[:space:]]*) fail "no blanks, please: Ceph cannot read \`$services_folder\`; set ARCHIVE_TEST_SERVICES_DIR" ;;
esac
