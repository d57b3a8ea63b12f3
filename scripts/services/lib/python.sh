# Python programs from PyPI, pinned, each in a folder of its own in the services' cache.
# shellcheck shell=bash

programs_folder="$services_folder/programs"

has_pip() { python3 -m pip --version >/dev/null 2>&1; }

need_python() {
  has_pip || need_packages python3 python3-pip
  has_pip || fail "there is no pip for $(command -v python3 || echo python3); install it"
}

# Where `need_python_packages NAME PIN...` puts them; also says which Python, as wheels with C parts
# fit one version only, and which pins, so that a new pin is never met by an old folder.
python_folder() {
  local name="$1" tag
  shift
  tag="$({ python3 -c 'import platform, sys; print(sys.version_info[:2], platform.machine())' && echo "$@"; } |
    sha256sum)"
  echo "$programs_folder/$name-${tag:0:12}"
}

# make_once FOLDER WHAT FUNCTION ARGUMENT...: lets `FUNCTION SCRATCH ARGUMENT...` fill a scratch folder, which then
# becomes FOLDER. One process at a time; a half-made folder is never seen. It must end with `fail` where it cannot.
make_once() (
  folder="$1"
  [ ! -d "$folder" ] || exit 0
  mkdir -p "$programs_folder" || exit 1
  exec 9>"$folder.lock"
  flock 9
  [ ! -d "$folder" ] || exit 0
  say "downloading $2 with pip"
  scratch="$(mktemp -d "$folder.XXXXXX")" || exit 1
  trap 'rm -rf "$scratch"' EXIT
  chmod 755 "$scratch"
  "$3" "$scratch" "${@:4}" 8>&- 9>&- || exit 1
  mv "$scratch" "$folder"
)

# Used with PYTHONPATH. Unlike a virtual environment that needs no more than pip, and survives a move. Wheels
# only: nothing is compiled here.
need_python_packages() {
  need_python
  make_once "$(python_folder "$@")" "$2 and what it needs" install_packages "${@:2}"
}

install_packages() { # install_packages FOLDER PIN...
  python3 -m pip install --quiet --no-cache-dir --no-deps --no-warn-script-location \
    --disable-pip-version-check --root-user-action=ignore --only-binary=:all: \
    --target "$1" "${@:2}" >&2 || fail "pip could not download $2; its reason is above"
}
