#!/usr/bin/env bash
# Says in seconds whether the code keeps the rules: format, imports, banned calls, lengths.
set -euo pipefail
source scripts/lib.sh

need_swift
need_packages g++ git python3 shellcheck
failed=()

timed "format" swift format lint --strict --parallel --recursive Sources Tests Tools ||
  failed+=("format (cure: swift format -i --recursive Sources Tests Tools)")
timed "rules" python3 -B scripts/check.py || failed+=(rules)
timed "the rules' own tests" python3 -B scripts/check_test.py || failed+=("the rules' own tests")
timed "the list of the page's files" python3 -B scripts/web_page.py --check ||
  failed+=("the list of the page's files")
timed "the failing disk's tests" python3 -B scripts/torture/failing_io_test.py ||
  failed+=("the failing disk's tests")
if command -v shellcheck >/dev/null; then
  timed "shell scripts" \
    shellcheck --external-sources --check-sourced dev .ci/run scripts/*.sh scripts/services/*.sh ||
    failed+=("shell scripts")
else
  say "shell scripts: not checked, as there is no shellcheck"
fi

if [ ${#failed[@]} -gt 0 ]; then
  printf '%s\n' "${failed[@]/#/./dev check: failed: }" >&2
  exit 1
fi
say "./dev check: everything in order"
