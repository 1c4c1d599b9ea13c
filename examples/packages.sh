# SPDX-License-Identifier: LGPL-3.0-or-later
# Sourced by quickstart.sh and Tests/run.sh: what has to be there before the build.

# install_packages NAME...: installs the Debian packages that are missing.
install_packages() {
  missing=""
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || { echo "Please install:$missing" >&2; exit 1; }
  # sudo hands no variables on: env behind it sets them.  A question would wait unseen.
  apt_get="env DEBIAN_FRONTEND=noninteractive apt-get"
  [ "$(id -u)" = 0 ] || apt_get="sudo $apt_get"
  echo "Installing$missing"
  $apt_get update -qq
  # In slim containers apt's cleaning hook deletes archives between two runs of dpkg; perl goes first for that reason.
  $apt_get install -y -qq perl >/dev/null
  # shellcheck disable=SC2086 # a list of names
  $apt_get install -y -qq $missing >/dev/null
}

# require_swift: ends the script where there is no Swift 6.3 or later.
require_swift() {
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
  # shellcheck disable=SC2086 # two numbers
  set -- $version
  if [ $# -ne 2 ] || [ "$1" -lt 6 ] || { [ "$1" -eq 6 ] && [ "$2" -lt 3 ]; }; then
    echo "Swift 6.3 or later is needed; get it from https://www.swift.org/install/linux/" >&2
    exit 1
  fi
}

build_packages="libgegl-dev libbabl-dev libgexiv2-dev libjpeg-dev libpng-dev libtiff-dev libwebp-dev pkg-config gegl gettext"

# install_gimp_packages LIBRARY NAME...: all of them, where the distribution has the library; most have one GIMP.
install_gimp_packages() {
  if dpkg-query -W "$1" >/dev/null 2>&1 || apt-cache show "$1" >/dev/null 2>&1; then
    install_packages "$@"
  fi
}
