#!/usr/bin/env bash
# A real S3 server: Ceph's object gateway with the smallest cluster behind it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/services/lib/service.sh
source scripts/services/lib/s3.sh
source scripts/services/lib/certificates.sh

# One monitor, one OSD, one gateway: no manager, no cephx, one copy of everything. Ready in a
# second. http on the port, https on the next one (its authority: tls/ca.pem in the data folder),
# the rest are the cluster's own. Seen working with Ceph 16.2.15 of Debian 12.
#
# RGW_STORE=memstore    objects lie in memory and take twice their size; a stop loses them (default)
# RGW_STORE=bluestore   objects lie in a sparse file and survive a stop
# RGW_STORE_GIB=N       how much fits in: 4, or 20 with bluestore. When it is full a PUT waits for
#                       ever; Ceph knows no other answer
# Verbs of its own: `kill-gateway` is kill -9 for the gateway and nothing else, `start-gateway` starts
# it again. The objects are kept, as the OSD lives on.
describe s3 9480 20
own_verbs=(kill-gateway start-gateway)
store="${RGW_STORE:-memstore}"
# Ceph itself would take any other word for bluestore.
[[ "$store" = memstore || "$store" = bluestore ]] || fail "RGW_STORE is memstore or bluestore, not \`$store\`"
daemons=(radosgw osd mon)

install() {
  need_packages ceph-mon ceph-osd radosgw curl openssl
  local program
  for program in ceph-mon ceph-osd radosgw radosgw-admin; do
    command -v "$program" >/dev/null || fail "the program $program of Ceph is missing"
  done
}

pidfiles() { printf '%s.pid\n' "${daemons[@]/#/"$data"/}"; }
endpoint() { echo "http://127.0.0.1:$port"; }
answers() { curl -sf -o /dev/null --noproxy '*' --max-time 2 "$(endpoint)/"; }
answers_or_died() { answers || ! all_alive; }

write_settings() {
  local tls_port=$((port + 1)) monitor_port=$((port + 2)) gib="${RGW_STORE_GIB:-4}"
  [ "$store" = memstore ] || gib="${RGW_STORE_GIB:-20}"
  cat >"$data/ceph.conf" <<END
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon_host = [v2:127.0.0.1:$monitor_port]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_msgr1 = false
ms_bind_port_min = $((port + 3))
ms_bind_port_max = $((port + port_count - 1))

# No authentication between the daemons. The gateway must then also be talked out of its own
# default, an encrypted connection to the monitor, which exists with cephx only: without the next
# lines it tries again for ever.
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
ms_mon_cluster_mode = crc
ms_mon_service_mode = crc
keyring = /dev/null

# Nothing outside of the data folder; no admin sockets, whose paths may not be long.
run_dir = $data
admin_socket =
log_file = $data/log/\$name.log
crash_dir = $data
log_to_stderr = false

# One copy of everything, small pools, and no complaint about that.
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_crush_initial_weight = 1
mon_allow_pool_size_one = true

[mon]
mon_data = $data/mon
mon_initial_members = a
mon_cluster_log_file = $data/log/cluster.log
pid_file = $data/mon.pid
# The monitor waits a second before each change of a map, and starting means some ten changes:
# 14 s to start with the default, 1 s with this.
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
# It stops itself when less than 5 % of the disk are free.
mon_data_avail_warn = 2
mon_data_avail_crit = 1

[osd]
osd_data = $data/osd
osd_objectstore = $store
pid_file = $data/osd.pid
memstore_device_bytes = $((gib << 30))
bluestore_block_size = $((gib << 30))
bluestore_block_db_create = false
bluestore_block_wal_create = false
osd_memory_target = 939524096

[client]
rgw_data = $data/rgw
pid_file = $data/radosgw.pid
# Without tcp_nodelay every GET of a small object takes 44 ms.
rgw_frontends = beast endpoint=127.0.0.1:$port ssl_endpoint=127.0.0.1:$tls_port ssl_certificate=$data/tls/server.crt ssl_private_key=$data/tls/server.key tcp_nodelay=1
# BUCKET.localhost works as well, for those who send that Host header: glibc alone does not resolve it.
rgw_dns_name = localhost
rgw_enable_apis = s3, admin
rgw_override_bucket_index_max_shards = 1
rgw_dynamic_resharding = false
rgw_rados_pool_pg_num_min = 1
# Any LocationConstraint will do; GetBucketLocation says "default" all the same.
rgw_relaxed_region_enforcement = true
# Gives back the space of deleted objects over 4 MiB after seconds, not two hours.
rgw_gc_obj_min_wait = 2
rgw_gc_processor_period = 5
rgw_gc_processor_max_time = 5
END
}

# ceph_tool NAME ARGUMENT...: one of Ceph's programs with our settings; what it says goes to a file
# that fail_with_logs shows.
ceph_tool() {
  local name="$1"
  shift
  "$name" -c "$data/ceph.conf" "$@" >>"$data/log/setup.log" 2>&1 8>&- </dev/null ||
    fail_with_logs "$name $* failed"
}

boot() {
  local is_new=
  # Objects in memory are gone, and so must go what the monitor remembers of them.
  if [ "$(cat "$data/ready" 2>/dev/null)" != bluestore ] || [ "$store" != bluestore ]; then
    is_new=yes
    prepare
  fi
  ceph_tool ceph-mon -i a
  if [ -n "$is_new" ]; then
    local id
    id="$(cat /proc/sys/kernel/random/uuid)"
    ceph_tool ceph-osd -i 0 --mkfs --osd-uuid "$id"
    ceph_tool ceph osd new "$id"
  fi
  ceph_tool ceph-osd -i 0
  boot_gateway
  [ -z "$is_new" ] || fill
}

# An empty cluster: settings, certificates and the monitor's database.
prepare() {
  find "$data" -mindepth 1 -maxdepth 1 ! -name owner -exec rm -rf {} +
  mkdir -p "$data"/{mon,osd,rgw,log}
  need_certificates "$data/tls"
  write_settings
  ceph_tool monmaptool --create --addv a "[v2:127.0.0.1:$((port + 2))]" "$data/monmap"
  ceph_tool ceph-mon -i a --mkfs --monmap "$data/monmap"
}

fill() {
  ceph_tool radosgw-admin user create --uid=test --display-name=test \
    --access-key="$s3_access_key" --secret="$s3_secret_key"
  s3_make_bucket "$(endpoint)" || fail_with_logs "the gateway made no bucket"
  echo "$store" >"$data/ready"
}

boot_gateway() {
  ceph_tool radosgw -n client.rgw
  # It writes its process id only after it has gone to the background, answers after half a second,
  # and if it died instead there is no use in waiting.
  wait_until 5 all_alive || fail_with_logs "the gateway did not start"
  wait_until 60 answers_or_died || true
  answers || fail_with_logs "the gateway does not answer"
}

# A SIGTERM takes the gateway 7 s and the others 2 s, and saves nothing: the gateway has no state,
# bluestore and the monitor's database stand a crash, memstore is lost. So all are killed.
halt() {
  local daemon
  for daemon in "${daemons[@]}"; do end_process "$data/$daemon.pid" "$data"; done
}

kill-gateway() {
  is_alive "$data/radosgw.pid" "$data" || fail "no gateway runs on port $port"
  end_process "$data/radosgw.pid" "$data"
}

start-gateway() {
  is_alive "$data/osd.pid" "$data" || fail "nothing runs on port $port; start it with: start $port"
  end_process "$data/radosgw.pid" "$data"
  boot_gateway
}

envs() { # envs [PREFIX]
  if [ -n "$1" ]; then
    s3_test_envs "$(endpoint)" "$1"
    echo "export $1_TLS_ENDPOINT=https://127.0.0.1:$((port + 1))"
    echo "export $1_TLS_CA_FILE=$data/tls/ca.pem"
    return
  fi
  s3_envs "$(endpoint)"
  # Ceph 16 does not know the checksums that newer SDKs send behind the body over https; it answers
  # "411 MissingContentLength".
  echo "export AWS_REQUEST_CHECKSUM_CALCULATION=when_required"
  echo "export AWS_RESPONSE_CHECKSUM_VALIDATION=when_required"
}

obey "$@"
