#!/usr/bin/env bash
# Builds and runs all tests; further arguments go to `swift test` (such as --filter NAME).
set -euo pipefail
source scripts/lib.sh
source scripts/services/lib/folder.sh
source scripts/services/lib/python.sh
source scripts/services/lib/start.sh
source scripts/realtime_packages.sh

# Clients that others wrote, to read what ours wrote; with what they depend on, as tested together.
foreign_clients=(boto3==1.44.5 awscli==1.46.3 botocore==1.44.5 colorama==0.4.6 docutils==0.19
  jmespath==1.1.0 pyasn1==0.6.5 python-dateutil==2.9.0.post0 PyYAML==6.0.3 rsa==4.7.2
  s3transfer==0.19.3 six==1.17.0 urllib3==2.8.0)
# Clients that upload files: tuspy, requests and aiohttp.
uploaders=(tuspy==1.1.0 tinydb==4.9.0 aiohappyeyeballs==2.7.1 aiohttp==3.14.5 aiosignal==1.4.0
  attrs==26.1.0 certifi==2026.10.18 charset-normalizer==3.5.2 frozenlist==1.8.0 idna==3.20
  multidict==7.2.1 propcache==0.5.4 requests==2.34.2 typing_extensions==4.16.0 urllib3==2.8.0
  yarl==1.25.1)
# What examines the HTTP interface from outside, in the same way.
examiner=(schemathesis==4.32.5 anyio==4.16.0 certifi==2026.10.18 charset-normalizer==3.5.2
  click==8.5.1 graphql-core==3.3.2 harfile==0.6.0 hypothesis==6.170.15 hypothesis-graphql==0.13.5
  idna==3.20 iniconfig==2.3.1 jsonschema_rs==0.60.3 markdown-it-py==4.3.0 MarkupSafe==3.0.4
  mdurl==0.1.2 packaging==26.3 pluggy==1.7.0 Pygments==2.21.0 pyrate-limiter==4.5.1 pytest==9.2.0
  PyYAML==6.0.3 requests==2.34.2 rich==15.0.0 sortedcontainers==2.4.0 typing_extensions==4.16.0
  urllib3==2.8.0 Werkzeug==3.1.9)
# The modules whose tests want a server, and those that run again with everything kept on servers.
modules_with_servers='^(S3ClientTests|S3StoreTests|SMTPClientTests|MongoDriverTests|MongoStoreTests|CommandTests)\.'
modules_of_s3='^(CurlHTTPTests|S3ClientTests|S3StoreTests)\.'
# Its tests stop and break the server for everybody.
modules_of_the_driver='^MongoDriverTests\.'
# All at once, hundreds of tests would keep one small S3 server so busy that clients give up on it.
tests_at_once=8
modules_of_the_main_job='^(ArchiveServiceTests|CommandTests)\.'

help() {
  cat <<TEXT
usage: ./dev test [--no-services] [arguments of swift test, such as --filter NAME]

Starts MongoDB, a mail server and two real S3 servers on free ports of 127.0.0.1 where tests need them, and ends them
again. Without --filter schemathesis examines the HTTP interface, the web page is tried in Chromium, and the tests of the
whole server run again with the archive on S3, and once more with the documents in MongoDB as well.

  --no-services                 starts nothing; tests that need a server are skipped and say so
  ARCHIVE_TEST_ENGINE=s3        runs everything once, with the archive on S3
  ARCHIVE_TEST_ENGINE=mongo+s3  the same with the documents in MongoDB
  ARCHIVE_TEST_MONGO_URI=URI    takes this MongoDB server, a replica set
  ARCHIVE_TEST_SMTP_URL=URL     takes this mail server, with what ./dev services env smtp names
  ARCHIVE_TEST_S3_ENDPOINT=URL  takes this server in place of those, with
                                ARCHIVE_TEST_S3_ACCESS_KEY and ARCHIVE_TEST_S3_SECRET_KEY
TEXT
}

with_services=yes filters=() arguments=() previous=""
for argument in "$@"; do
  case "$argument" in
    -h | --help) help; exit 0 ;;
    --no-services) with_services=no; continue ;;
    --filter=*) filters+=("${argument#*=}") ;;
  esac
  [ "$previous" != --filter ] || filters+=("$argument")
  arguments+=("$argument")
  previous="$argument"
done

# Whether one of the chosen tests is in a module that wants servers.
wants_services() {
  [ "$with_services" = yes ] || return 1
  if [ ${#filters[@]} -eq 0 ] || [ "${ARCHIVE_TEST_ENGINE:-}" = s3 ]; then return 0; fi
  local listed
  listed="$(swift test list --skip-build)" || return 0
  grep -E "$modules_with_servers" <<<"$listed" | grep -E "$(IFS="|"; echo "${filters[*]}")" >/dev/null
}

find_foreign_clients() {
  need_packages curl "${run_packages[@]}" || return 1
  need_python_packages foreign-clients "${foreign_clients[@]}" || return 1
  # The program itself, not one that looks up which Python is meant.
  ARCHIVE_TEST_PYTHON="$(python3 -c "import sys; print(sys.executable)")"
  ARCHIVE_TEST_BOTO_PATH="$(python_folder foreign-clients "${foreign_clients[@]}")"
  need_python_packages socketio "${socketio_packages[@]}" || return 1
  ARCHIVE_TEST_SOCKETIO_PATH="$(python_folder socketio "${socketio_packages[@]}")"
  need_python_packages websockets websockets==17.4 || return 1
  ARCHIVE_TEST_WEBSOCKETS_PATH="$(python_folder websockets websockets==17.4)"
  need_python_packages uploaders "${uploaders[@]}" || return 1
  ARCHIVE_TEST_UPLOADERS_PATH="$(python_folder uploaders "${uploaders[@]}")"
  export ARCHIVE_TEST_PYTHON ARCHIVE_TEST_BOTO_PATH ARCHIVE_TEST_SOCKETIO_PATH ARCHIVE_TEST_WEBSOCKETS_PATH
  export ARCHIVE_TEST_UPLOADERS_PATH
}

find_examiner() { need_python_packages schemathesis "${examiner[@]}"; }

# Against the program itself, on the embedded default: what it answers does not depend on the stores.
examine_interface() {
  local program
  program="$(swift build --show-bin-path)/archive-service" || return 1
  PYTHONPATH="$(python_folder schemathesis "${examiner[@]}")" \
    python3 -B scripts/schemathesis/run.py "$program"
}

has_own_bucket() { [ -n "${ARCHIVE_TEST_S3_ENDPOINT:-}" ]; }
has_own_mail() { [ -n "${ARCHIVE_TEST_SMTP_URL:-}" ]; }
has_own_database() { [ -n "${ARCHIVE_TEST_MONGO_URI:-}" ]; }

get_services() {
  timed "getting clients that others wrote" find_foreign_clients
  if [ ${#filters[@]} -eq 0 ]; then timed "getting schemathesis" find_examiner; fi
  has_own_database || timed "getting mongod" bash scripts/services/mongo.sh install
  has_own_mail || timed "getting a mail server" bash scripts/services/smtp.sh install
  if has_own_bucket; then return; fi
  timed "getting Ceph's object gateway" bash scripts/services/s3.sh install
  timed "getting OpenStack Swift" bash scripts/services/s3-swift.sh install
}

start_servers() {
  trap sweep_started EXIT
  if has_own_database; then
    say "using the MongoDB server of ARCHIVE_TEST_MONGO_URI"
  else
    timed "starting mongod" start_service mongo ARCHIVE_TEST_MONGO
    timed "starting a mongod to be paused" start_service mongo ARCHIVE_TEST_MONGOB
  fi
  if has_own_mail; then
    say "using the mail server at ARCHIVE_TEST_SMTP_URL"
  else
    timed "starting a mail server" start_service smtp ARCHIVE_TEST_SMTP
  fi
  if has_own_bucket; then
    say "using the S3 server at $ARCHIVE_TEST_S3_ENDPOINT"
    return
  fi
  timed "starting Ceph's object gateway" start_service s3 ARCHIVE_TEST_S3
  timed "starting OpenStack Swift" start_service s3-swift ARCHIVE_TEST_S3B
}

run_tests() {
  swift test --skip-build --experimental-maximum-parallelization-width $tests_at_once "$@" \
    ${arguments[@]+"${arguments[@]}"}
}

need_build_tools
if is_fresh debug; then
  say "nothing was built here yet: the first build takes about 6 minutes on two cores"
fi
is_filtered=no has_services=no
[ ${#filters[@]} -eq 0 ] || is_filtered=yes
# Without a filter servers are wanted in any case: what cannot be had is told before the long build.
if [ $with_services$is_filtered = yesno ]; then get_services; fi
timed "building the tests" swift build --build-tests
if wants_services; then
  has_services=yes
  [ $is_filtered = no ] || get_services
  start_servers
fi

failed=()
if [ $is_filtered = yes ]; then
  timed "running the tests" run_tests || failed+=("the tests")
else
  # Apart: transfers of hundreds of MiB would keep tests that wait for a socket from their turn.
  timed "running the tests of everything but S3" \
    run_tests --skip "$modules_of_s3" --skip "$modules_of_the_driver" ||
    failed+=("the tests of everything but S3")
  timed "running the tests of S3" run_tests --filter "$modules_of_s3" ||
    failed+=("the tests of S3")
  timed "running the tests of the MongoDB driver" run_tests --filter "$modules_of_the_driver" ||
    failed+=("the tests of the MongoDB driver")
fi
if [ $with_services$is_filtered = yesno ]; then
  timed "examining the HTTP interface with schemathesis, as every role" examine_interface ||
    failed+=("the examination of the HTTP interface")
  timed "trying the web page in a real Chromium" bash scripts/dev-browser.sh --no-build ||
    failed+=("the web page in Chromium")
fi
if [ $has_services$is_filtered = yesno ] && [ -z "${ARCHIVE_TEST_ENGINE:-}" ]; then
  ARCHIVE_TEST_ENGINE=s3 timed "running the tests of the whole server again, on S3" \
    run_tests --filter "$modules_of_the_main_job" || failed+=("the tests on S3")
  ARCHIVE_TEST_ENGINE=mongo+s3 timed "running the tests of the whole server again, on MongoDB and S3" \
    run_tests --filter "$modules_of_the_main_job" || failed+=("the tests on MongoDB and S3")
fi
[ ${#failed[@]} -eq 0 ] || fail "failed: ${failed[*]}"
