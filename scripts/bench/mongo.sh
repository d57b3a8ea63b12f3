#!/usr/bin/env bash
# Builds our client and the bare one, gets pymongo, starts a server, and measures: ./dev bench mongo
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/services/lib/service.sh
source scripts/services/lib/service.sh
source scripts/services/lib/python.sh

# It needs nothing else for connection strings that name their servers.
packages=(pymongo==4.20.0)

for argument in "$@"; do
  if [ "$argument" = --help ] || [ "$argument" = -h ]; then
    exec python3 -B scripts/bench/mongo.py --help
  fi
done

need_build_tools
need_packages python3
need_python_packages bench-mongo "${packages[@]}"

# Linked as for a small container, and in a folder of its own, because with another flag everything
# else would be built again.
build=(
  swift build --configuration release --static-swift-stdlib --scratch-path .build/static
  --product archive-bench-mongo
)
# For trying the bench itself.
program="${ARCHIVE_BENCH_MONGO_PROGRAM:-}"
if [ -z "$program" ]; then
  if is_fresh static; then
    say "building optimised; the first time takes about 5 minutes on two cores"
  fi
  timed "building archive-bench-mongo" "${build[@]}"
  program="$("${build[@]}" --show-bin-path)/archive-bench-mongo"
fi

mkdir -p .build/bare-mongo
flags="$(pkg-config --cflags --libs libmongoc-1.0)"
# shellcheck disable=SC2086
cc -O2 -std=c11 -Wall -Wextra -Werror -o .build/bare-mongo/bare Tools/BareMongo/bare.c $flags -pthread
cc -O2 -std=c11 -Wall -Wextra -Werror -fno-builtin -fPIC -shared -o .build/bare-mongo/allocations.so \
  Tools/BareMongo/allocations.c

# On a real disk, with nothing in it that tests would want.
export ARCHIVE_TEST_OWNER=$$ MONGO_TEST_COMMANDS=0
server_port="$(bash scripts/services/mongo.sh start free)"
trap 'bash scripts/services/mongo.sh wipe "$server_port"' EXIT
settings="$(bash scripts/services/mongo.sh envs "$server_port")"
eval "$settings"
settings="$(bash scripts/services/mongo.sh envs "$server_port" BENCH_MONGO)"
eval "$settings"
export ARCHIVE_MONGO_DATABASE=archive_bench
python3 -B scripts/bench/mongo.py "$@" --ours "$program" --bare "$PWD/.build/bare-mongo/bare" \
  --counter "$PWD/.build/bare-mongo/allocations.so" --packages "$(python_folder bench-mongo "${packages[@]}")" \
  --server-pid "$BENCH_MONGO_PID"
