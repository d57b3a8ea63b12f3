#!/usr/bin/env bash
# Feeds odd bytes to one parser for a time: frames|media|multipart|realtime|s3xml [SECONDS]; a crash leaves its input behind.
set -euo pipefail
source scripts/lib.sh

target="${1:-}"
seconds="${2:-60}"
case "$target" in
  frames | media | multipart | realtime | s3xml) ;;
  *) fail "which parser? usage: ./dev fuzz frames|media|multipart|realtime|s3xml [SECONDS]" ;;
esac
[[ "$seconds" =~ ^[0-9]+$ ]] || fail "not a number of seconds: $seconds"

need_build_tools
scratch=.build/fuzz
if [ ! -d "$scratch" ]; then
  say "nothing was built here yet: the first build takes about 4 minutes on two cores"
fi
export ARCHIVE_FUZZ=1
# The system's gold linker cannot link the fuzzer's tables; lld comes with the toolchain.
build=(swift build --scratch-path "$scratch" --product archive-fuzz
  -Xswiftc "-sanitize=fuzzer,address" -Xswiftc -use-ld=lld)
timed "building archive-fuzz" "${build[@]}"
folder="$("${build[@]}" --show-bin-path)"

# What earlier runs found worth keeping stays beside the build; the seeds are ours and small.
mkdir -p "$scratch/corpus/$target" "$scratch/crashes"
# A backtrace of a crash would hang on the pipe; the input that crashed is what is wanted.
# Leaks at exit are the runtime's own; each input's leaks show in the memory limit.
timed "fuzzing $target for $seconds s" env SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 \
  "$folder/archive-fuzz" "$target" -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=1024 \
  -timeout=10 -print_final_stats=1 -artifact_prefix="$scratch/crashes/" \
  "$scratch/corpus/$target" "Tools/Fuzz/seeds/$target"
