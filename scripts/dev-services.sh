#!/usr/bin/env bash
# Real servers for tests and trying out: up s3, up mongo, up smtp, down, wipe, status, env NAME.
set -euo pipefail
source scripts/lib.sh

# Each service is one file, scripts/services/NAME.sh, whose second line says what it is.
names() {
  local file
  for file in scripts/services/*.sh; do basename "$file" .sh; done
}

help() {
  cat <<TEXT
usage: ./dev services VERB [NAME [PORT]]

  up NAME        start it, on its usual port or on PORT, and say how it is used
  down [NAME]    stop it, or all of them on their usual ports; keep what it keeps
  wipe [NAME]    the same, and delete what it stored
  status [NAME]  what runs; exit code 1 if NAME does not
  env NAME       lines to be read by a shell:  eval "\$(./dev services env s3)"

TEXT
  local name
  for name in $(names); do
    printf '  %-10s %s\n' "$name" "$(sed -n '2s/^# //p' "scripts/services/$name.sh")"
  done
  echo
  echo "More, such as  ./dev services kill-gateway s3  or  MONGO_MEMBERS=3 ./dev services up mongo  , is"
  echo "written in scripts/services/NAME.sh."
}

service() { # service NAME VERB [PORT]
  [ -f "scripts/services/$1.sh" ] || fail "which service? \`$1\` is none; there are: $(names | xargs)"
  bash "scripts/services/$1.sh" "${@:2}"
}

# Of a service on an unusual port everything else must be told the port, too.
up() { # up NAME [PORT]
  local name="$1" port start=$SECONDS
  port="$(service "$name" start "${2:-}")"
  say "$name is ready after $((SECONDS - start)) s"
  echo
  service "$name" envs "$port"
  local arguments="$name${2:+ $port}"
  cat <<TEXT

Type these lines, or  eval "\$(./dev services env $arguments)"  , and in the same terminal  ./dev run
It stops with  ./dev services down $arguments

TEXT
}

all() { # all VERB
  local name
  for name in $(names); do service "$name" "$1"; done
}

verb="${1:-help}"
[ $# -eq 0 ] || shift
case "$verb" in
  up) up "${1:-}" "${2:-}" ;;
  down) if [ $# -gt 0 ]; then service "$1" stop "${2:-}"; else all stop; fi ;;
  wipe) if [ $# -gt 0 ]; then service "$1" wipe "${2:-}"; else all wipe; fi ;;
  status) if [ $# -gt 0 ]; then service "$1" status "${2:-}"; else all status-all; fi ;;
  env) service "${1:-}" envs "${2:-}" ;;
  help | -h | --help) help ;;
  *)
    if [ $# -eq 0 ]; then
      help >&2
      fail "no such verb: $verb"
    fi
    service "$1" "$verb" "${2:-}"
    ;;
esac
