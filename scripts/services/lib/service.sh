# What every service's script shares: its verbs, its folder, its ports, its processes.
# shellcheck shell=bash

# A service is one file, scripts/services/NAME.sh. It calls `describe NAME PORT COUNT`, defines
#   install  get the program, start nothing
#   boot     start it, with an empty or a kept $data, and return when it answers
#   halt     end its processes and keep $data
#   answers  whether it answers
#   pidfiles the files with its process ids
#   envs     lines of `export NAME=VALUE` for those who want to use it; `envs PREFIX`: for tests
# and, if it wants,
#   check_kept  fail if a kept $data was made with other settings than those that are asked for
# and ends with `obey VERB [PORT]`. Verbs of its own go into the array `own_verbs`.
# Everything listens on 127.0.0.1 only and runs as any user; installing Debian packages needs root.

source scripts/lib.sh
source scripts/services/lib/folder.sh
source scripts/services/lib/processes.sh
umask 022

# Servers must not keep what the caller has open: a lock of his would never be released, a pipe never
# end. (Bash itself reads this script through descriptor 255.)
for descriptor in /proc/self/fd/*; do
  descriptor="${descriptor##*/}"
  if [ "$descriptor" -gt 2 ] && [ "$descriptor" -lt 255 ]; then exec {descriptor}>&-; fi
done

own_verbs=()
check_kept() { :; }

describe() { # describe NAME PORT COUNT: how many ports, from PORT on, it needs
  service_name="$1" default_port="$2" port_count="$3"
}

use_port() {
  port="$1"
  data="$services_folder/run/$service_name-$port"
}

# Two processes must not start or stop one server at a time. The lock is descriptor 8: whatever
# stays in the background is started with 8>&-, or it would keep the lock.
lock_port() { # lock_port [--nonblock]
  mkdir -p "$services_folder/locks" "$services_folder/run"
  exec 8>"$services_folder/locks/$port"
  flock "$@" 8
}

all_alive() {
  local files=() file
  mapfile -t files < <(pidfiles)
  for file in "${files[@]}"; do is_alive "$file" "$data" || return 1; done
}

# Prints the port, and nothing else, on standard output.
start() { # start [PORT|free]
  if [ "${1:-}" = free ]; then
    sweep
    take_free_port
  else
    use_port "${1:-$default_port}"
    lock_port
  fi
  check_kept
  if all_alive && answers; then
    say "$service_name already runs on port $port" >&2
  else
    halt
    install >&2
    wait_until 2 ports_free "$port" "$port_count" ||
      fail "another program listens on 127.0.0.1:$port or the $port_count ports from there on"
    mkdir -p "$data"
    remember_owner
    # What does not come up whole is ended; its logs stay.
    trap halt EXIT
    boot >&2
    trap - EXIT
  fi
  echo "$port"
}

# Ports below those that the kernel hands out by itself, in blocks of 20. The lock makes sure that
# of two runs at the same moment one looks for another block.
take_free_port() {
  local attempt
  for attempt in {1..50}; do
    use_port $((20000 + RANDOM % 600 * 20))
    if lock_port --nonblock && [ ! -e "$data" ] && ports_free "$port" "$port_count"; then return; fi
  done
  fail "found no $port_count free ports in a row after $attempt attempts"
}

# A test run names itself as the owner (ARCHIVE_TEST_OWNER, a process id). If it was killed so hard
# that it could not tidy up, the next run does.
remember_owner() {
  [ -z "${ARCHIVE_TEST_OWNER:-}" ] || started_at "$ARCHIVE_TEST_OWNER" >"$data/owner"
}

sweep() { # sweep [OWNER]: what killed test runs left behind, and everything of that owner
  local file folder mark owner
  for file in "$services_folder"/run/*/owner; do
    # Another run may be deleting it at this moment.
    mark="$(cat "$file" 2>/dev/null)" || continue
    owner="${mark%% *}"
    folder="$(basename "$(dirname "$file")")"
    if [ "$mark" != "$(started_at "$owner")" ]; then
      say "deleting ${folder%-*} on port ${folder##*-}, which a killed test run left behind" >&2
    elif [ "$owner" != "${1:-}" ]; then
      continue
    fi
    bash "scripts/services/${folder%-*}.sh" wipe "${folder##*-}"
  done
}

wipe() {
  halt
  rm -rf -- "$data"
}

fail_with_logs() {
  tail -n 5 "$data"/log/*.log >&2 || true
  fail "$1; the logs are in $data/log"
}

status() {
  local files=() file kib=0
  if ! all_alive || ! answers; then
    echo "$service_name does not run on port $port"
    return 1
  fi
  mapfile -t files < <(pidfiles)
  for file in "${files[@]}"; do kib=$((kib + $(resident_kib "$file"))); done
  echo "$service_name runs on port $port with ${#files[@]} processes, $((kib / 1024)) MiB"
}

# The one on the usual port, and whatever else there is: test runs have servers of their own.
status-all() {
  local folder other
  use_port "$default_port"
  status || true
  for folder in "$services_folder/run/$service_name"-[0-9]*; do
    other="${folder##*-}"
    if [ ! -d "$folder" ] || [ "$other" = "$default_port" ]; then continue; fi
    use_port "$other"
    status || true
  done
}

obey() { # obey VERB [PORT]
  local verb="${1:-}"
  case "$verb" in
    install) install ;;
    start) start "${2:-}" ;;
    status-all) status-all ;;
    sweep) sweep "${2:-}" ;;
    status) use_port "${2:-$default_port}"; status ;;
    envs) use_port "${2:-$default_port}"; envs "${3:-}" ;;
    stop) use_port "${2:-$default_port}"; lock_port; halt ;;
    wipe) use_port "${2:-$default_port}"; lock_port; wipe ;;
    *)
      # Compared as whole words: a verb must never become any command that happens to exist.
      [[ -n "$verb" && " ${own_verbs[*]} " == *" $verb "* ]] ||
        fail "$service_name: no such verb: $verb (install start stop wipe status status-all sweep envs ${own_verbs[*]})"
      use_port "${2:-$default_port}"
      lock_port
      "$verb"
      ;;
  esac
}
