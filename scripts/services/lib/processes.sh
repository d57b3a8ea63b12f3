# Processes by their id files, ports, and waiting for either. Linux only: it looks into /proc.
# shellcheck shell=bash

# is_alive PIDFILE TEXT: the process runs, and TEXT occurs in its command line. The second test
# keeps us from killing a stranger that was given the same process id later.
is_alive() {
  local pid
  [ -s "$1" ] || return 1
  pid="$(cat "$1")"
  [ -r "/proc/$pid/cmdline" ] || return 1
  tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -- "$2"
}

# is_gone PID: ended with all its threads. The obvious tests come too early: a big process that was
# killed loses its command line first, then its main thread becomes a zombie, and its sockets close
# last.
is_gone() {
  local tasks
  [ -d "/proc/$1" ] || return 0
  tasks=("/proc/$1/task"/*)
  [ ${#tasks[@]} -le 1 ] && grep -q '^State:[[:space:]]*[ZX]' "/proc/$1/status" 2>/dev/null
}

# end_process PIDFILE TEXT [SECONDS]: SIGTERM, and SIGKILL after SECONDS; without them SIGKILL at
# once. Returns when the process has ended.
end_process() {
  local pid seconds="${3:-0}"
  if is_alive "$1" "$2"; then
    pid="$(cat "$1")"
    if [ "$seconds" -gt 0 ]; then
      kill -TERM "$pid" 2>/dev/null || true
      wait_until "$seconds" is_gone "$pid" || say "process $pid ignored SIGTERM; killing it" >&2
    fi
    is_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
    wait_until 10 is_gone "$pid" || fail "process $pid cannot be killed"
  fi
  rm -f "$1"
}

# The process id and when it began, which no other process will ever share; empty if it is gone.
started_at() {
  # The second field is the program's name, in brackets, and may hold blanks.
  [ ! -r "/proc/$1/stat" ] || echo "$1 $(sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f20)"
}

resident_kib() { # resident_kib PIDFILE
  awk '/^VmRSS:/ {kib = $2} END {print kib + 0}' "/proc/$(cat "$1")/status"
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

ports_free() { # ports_free PORT COUNT
  local number
  for ((number = $1; number < $1 + $2; number++)); do
    if port_open "$number"; then return 1; fi
  done
}

# wait_until SECONDS COMMAND...: asks every 50 ms until it succeeds.
wait_until() {
  local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
  shift
  until "$@"; do
    ((${EPOCHREALTIME/[.,]/} < end)) || return 1
    sleep 0.05
  done
}
