#!/usr/bin/env bash
# A mail server that keeps every mail in a file: aiosmtpd.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/services/lib/service.sh
source scripts/services/lib/certificates.sh
source scripts/services/lib/python.sh

# One small Python process with four doors; scripts/services/smtp/server.py tells what each of them demands, which
# files it writes, and which recipients provoke errors. The authority of its certificate: tls/ca.pem in the data folder.
describe smtp 2527 4

# aiosmtpd and what it depends on, as tested together.
pins=(aiosmtpd==1.4.6 atpublic==9.0.0 attrs==26.1.0)
user=tester
password=test-password
program=scripts/services/smtp/server.py

install() {
  need_packages openssl
  need_python_packages smtp "${pins[@]}"
}

pidfiles() { echo "$data/server.pid"; }

answers() {
  local number
  for number in 0 1 2 3; do port_open $((port + number)) || return 1; done
}

answers_or_died() {
  ! is_gone "$(cat "$data/server.pid")" || return 0
  answers
}

boot() {
  mkdir -p "$data/mail" "$data/log"
  need_certificates "$data/tls"
  # -S: nothing of the system's Python packages. setsid: a Ctrl-C in the terminal is not for the server.
  (
    PYTHONPATH="$(python_folder smtp "${pins[@]}")" PYTHONDONTWRITEBYTECODE=1 \
      exec setsid python3 -S "$program" "$data/mail" "$port" \
      --tls "$data/tls/server.crt" "$data/tls/server.key" --auth "$user" "$password"
  ) >"$data/log/server.log" 2>&1 </dev/null 8>&- &
  echo $! >"$data/server.pid"
  wait_until 20 answers_or_died || true
  answers || fail_with_logs "the mail server does not answer"
}

halt() { end_process "$data/server.pid" "$data" 5; }

envs() { # envs [PREFIX]
  if [ -z "$1" ]; then
    echo "export ARCHIVE_MAIL_URL='smtp://127.0.0.1:$port'"
    echo "export ARCHIVE_MAIL_FROM='Chat <chat@example.org>'"
    echo "export ARCHIVE_HTTP_PUBLICURL=http://127.0.0.1:8080"
    echo "# Mails lie in $data/mail"
    return
  fi
  echo "export $1_URL='smtp://127.0.0.1:$port'"
  echo "export $1_STARTTLS_URL='smtp://$user:$password@localhost:$((port + 1))'"
  echo "export $1_TLS_URL='smtps://$user:$password@localhost:$((port + 2))'"
  echo "export $1_LOGIN_URL='smtp://$user:$password@localhost:$((port + 3))'"
  echo "export $1_CA_FILE='$data/tls/ca.pem'"
  echo "export $1_FOLDER='$data/mail'"
  # For tests that start and kill one of their own.
  echo "export $1_PROGRAM='$PWD/$program'"
  echo "export $1_PYTHONPATH='$(python_folder smtp "${pins[@]}")'"
}

obey "$@"
