# Words that the verbs of ./dev share. Read with `source`, from the repository's root.
# shellcheck shell=bash

# What building needs besides the Swift toolchain itself (which brings clang and lld).
# g++ stands for the headers of libc and libstdc++ in whatever version this Debian has.
build_packages=(
  ca-certificates g++ git libcurl4-openssl-dev libmongoc-dev libsqlite3-dev libxml2-dev pkg-config zlib1g-dev
)

# What the server starts where it is there, and does without where it is not: libvips makes previews of pictures.
run_packages=(libvips-tools)

say() { printf '%s\n' "==> $*"; }

fail() {
  printf '%s\n' "./dev: $*" >&2
  exit 1
}

# Runs a command and says how long it took; its exit code is the command's.
timed() {
  local title="$1" start=$SECONDS code=0
  shift
  say "$title"
  "$@" || code=$?
  local took=$((SECONDS - start)) word="done"
  [ "$code" -eq 0 ] || word="FAILED (exit code $code)"
  say "$title: $word after $((took / 60)) min $((took % 60)) s"
  return "$code"
}

is_installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Installs the Debian packages that are missing, or says exactly what to type.
need_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "this is not Debian; what is needed goes by these names there: $*"
    return
  fi
  local missing=() package
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    # Without a terminal sudo could not ask for a password; then it must do without one.
    local sudo_arguments=()
    [ -t 0 ] || sudo_arguments=(-n)
    if ! command -v sudo >/dev/null || ! sudo "${sudo_arguments[@]}" true; then
      fail "packages are missing; as root, type:  apt-get update && apt-get install -y ${missing[*]}"
    fi
    root=(sudo "${sudo_arguments[@]}")
  fi
  say "installing ${missing[*]} with apt-get (a minute)"
  "${root[@]}" bash scripts/apt-install.sh "${missing[@]}" ||
    fail "apt-get could not install ${missing[*]}; its reason is above"
}

need_swift() {
  command -v swift >/dev/null ||
    fail "there is no Swift toolchain; get version 6.2 or newer from https://www.swift.org/install/linux/"
  local version
  version="$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)"
  local major="${version%%.*}" minor="${version##*.}"
  if [ -n "$version" ] && { [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; }; then
    fail "Swift $version is too old; this needs 6.2 or newer: https://www.swift.org/install/linux/"
  fi
}

need_build_tools() {
  need_swift
  need_packages "${build_packages[@]}"
}

# The server runs without them too, so nothing ends here where they cannot be had.
want_run_packages() {
  (need_packages "${run_packages[@]}") || say "going on without ${run_packages[*]}: pictures have no previews then"
}

# Whether anything was built here before: then a build takes seconds and not minutes.
is_fresh() { [ ! -d ".build/$1" ]; }
