# Starting services for one run of a script, and ending them with it.
# shellcheck shell=bash

# Once they bear the mark of this process, they are ended whatever happens here: by `sweep_started` in a
# trap, or, if even that could not run, by the next run that starts services.
start_service() { # start_service NAME [PREFIX]: exports its settings; its port is $started_port
  local lines
  started_port="$(ARCHIVE_TEST_OWNER=$$ bash "scripts/services/$1.sh" start free)" || return 1
  lines="$(bash "scripts/services/$1.sh" envs "$started_port" "${2:-}")" || return 1
  eval "$lines"
}

# Everything with the mark of this process, whatever service it is.
sweep_started() { bash scripts/services/s3.sh sweep $$; }
