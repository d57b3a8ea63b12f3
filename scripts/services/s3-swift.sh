#!/usr/bin/env bash
# A second, other S3 server: OpenStack Swift with its s3api.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/services/lib/service.sh
source scripts/services/lib/s3.sh
source scripts/services/lib/python.sh

# Four small Python daemons, one copy of everything, objects as files in the data folder, which must
# lie on a file system with extended attributes (ext4, xfs, overlay; tmpfs from Linux 6.6 on).
# Swift 2.38.3 from PyPI, because Debian 12's 2.30.1 knows neither chunked signing nor conditional
# PUT. It has conditional PUT, but several of 8 racing writers win: never rely on it there.
describe s3-swift 9080 4
daemons=(account container object proxy) # On port + 1, + 2, + 3 and on the port itself.

# Swift and what it depends on, as tested together.
pins=(swift==2.38.3 certifi==2026.10.18 cffi==2.1.1 charset-normalizer==3.5.2 cryptography==50.0.2
  dnspython==2.9.2 eventlet==0.41.3 greenlet==3.5.6 idna==3.20 lxml==6.1.3 PasteDeploy==3.1.0
  pycparser==3.12 pyeclib==1.8.0 requests==2.34.2 urllib3==2.8.0 xattr==1.3.0)

install() {
  need_packages curl
  need_python_packages swift "${pins[@]}"
}

# -S: otherwise an old pyOpenSSL or eventlet of the system gets mixed in, and crashes. setsid: a
# Ctrl-C in the terminal is not for the servers.
swift_python() {
  PYTHONPATH="$(python_folder swift "${pins[@]}"):$PWD/scripts/services/swift" \
    PYTHONDONTWRITEBYTECODE=1 PYTHONWARNINGS=ignore exec setsid python3 -S "$@"
}

pidfiles() { printf '%s.pid\n' "${daemons[@]/#/"$data"/}"; }
endpoint() { echo "http://127.0.0.1:$port"; }

# The proxy can answer before the servers behind it do.
answers() {
  local number
  for number in 1 2 3; do port_open $((port + number)) || return 1; done
  curl -sf -o /dev/null --noproxy '*' --max-time 2 "$(endpoint)/healthcheck"
}

# A new process shows the command line of this script until it has executed the program, so
# all_alive would come too early.
answers_or_died() {
  local files=() file
  mapfile -t files < <(pidfiles)
  for file in "${files[@]}"; do ! is_gone "$(cat "$file")" || return 0; done
  answers
}

# What all four have in common. workers = 0: serve in the first process.
write_common_settings() { # write_common_settings PORT
  cat <<END
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $1
workers = 0
user = $(id -un)
swift_dir = $data
devices = $data/devices
mount_check = false
fallocate_reserve = 0
log_level = INFO
log_address = /dev/null
END
}

write_settings() {
  local daemon number=0
  cat >"$data/swift.conf" <<END
[swift-hash]
swift_hash_path_prefix = test
swift_hash_path_suffix = test
[storage-policy:0]
name = one-copy
default = yes
[swift-constraints]
# S3 allows 2 KiB of user metadata, in one value if you like.
max_meta_value_length = 2048
max_header_size = 16384
END
  for daemon in account container object; do
    number=$((number + 1))
    {
      write_common_settings $((port + number))
      printf '%s\n' "[pipeline:main]" "pipeline = $daemon-server" \
        "[app:$daemon-server]" "use = egg:swift#$daemon"
    } >"$data/$daemon-server.conf"
  done
  {
    write_common_settings "$port"
    write_proxy_pipeline
  } >"$data/proxy-server.conf"
}

write_proxy_pipeline() {
  cat <<END
[pipeline:main]
# The cache here never remembers anything: that spares a memcached, and no answer is out of date.
pipeline = catch_errors gatekeeper healthcheck proxy-logging cache listing_formats bulk s3api tempauth copy slo dlo versioned_writes symlink proxy-logging proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:s3api]
use = egg:swift#s3api
location = $s3_region
s3_acl = true
storage_domain = localhost
max_upload_part_num = 10000
[filter:cache]
paste.filter_factory = swift_filters:no_cache
[filter:tempauth]
paste.filter_factory = swift_filters:tempauth
user_test_test = $s3_secret_key .admin
access_key_test_test = $s3_access_key
[filter:slo]
use = egg:swift#slo
max_manifest_segments = 10000
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
allow_object_versioning = true
END
  local filter
  for filter in catch_errors gatekeeper healthcheck listing_formats bulk copy dlo symlink; do
    printf '%s\n' "[filter:$filter]" "use = egg:swift#$filter"
  done
  printf '%s\n' "[filter:proxy-logging]" "use = egg:swift#proxy_logging"
}

boot() {
  mkdir -p "$data/devices/d1" "$data/log"
  write_settings
  (swift_python scripts/services/swift/make_rings.py "$data" "$port" 8>&-) ||
    fail "could not prepare $data"
  local daemon program
  program="$(python_folder swift "${pins[@]}")/bin"
  for daemon in "${daemons[@]}"; do
    # -v: log to standard output, not to syslog.
    (swift_python "$program/swift-$daemon-server" "$data/$daemon-server.conf" -v) \
      >"$data/log/$daemon.log" 2>&1 </dev/null 8>&- &
    echo $! >"$data/$daemon.pid"
  done
  wait_until 60 answers_or_died || true
  answers || fail_with_logs "Swift does not answer"
  s3_make_bucket "$(endpoint)" || fail_with_logs "Swift made no bucket"
}

halt() {
  local daemon
  for daemon in proxy object container account; do end_process "$data/$daemon.pid" "$data" 5; done
}

envs() { # envs [PREFIX]
  if [ -n "$1" ]; then s3_test_envs "$(endpoint)" "$1"; else s3_envs "$(endpoint)"; fi
}

obey "$@"
