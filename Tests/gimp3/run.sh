#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# Builds the plug-in for GIMP 3 and tests it in the real one: here, where the distribution has GIMP 3, else in a Debian 13
# beside the machine's own system.
#
#   Tests/gimp3/run.sh [--make | --if-there] [PYTEST'S ARGUMENTS]
#
# --make only makes that Debian 13, once: by root, over the network, 2 GB in GEGL_INPAINT_GIMP3_ROOT or
# ~/.cache/gegl-inpaint/debian-13.  --if-there makes none.  Exit status 77, and a line that says why: there is none, and no
# fault of the tests or of the plug-in.
set -eu
cd "$(dirname "$0")/../.."
. examples/packages.sh

tree=$PWD
root=${GEGL_INPAINT_GIMP3_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/gegl-inpaint/debian-13}
packages="$build_packages libgimp-3.0-dev gimp xvfb xdotool imagemagick python3 python3-pytest python3-numpy python3-pil"
# What Swift's toolchain takes from the system.
swift_packages="binutils git libc6-dev libcurl4t64 libedit2 libncurses6 libsqlite3-0 libstdc++-14-dev libxml2 zlib1g-dev"
needed=3000000 # KB, with what is downloaded

skip() {
  echo "Tests/gimp3 is skipped: $1"
  exit 77
}
unable() { skip "this machine can make no Debian 13, $1"; }

has_gimp3() { pkg-config --exists gimpui-3.0 2>/dev/null || apt-cache show libgimp-3.0-dev >/dev/null 2>&1; }

# apart COMMAND...: mounts and processes of its own, which end with it however it ends.
apart() { unshare --mount --pid --fork --kill-child "$@"; }

# enter FOLDER COMMAND...: as root of the system in FOLDER, where this folder and Swift's have their usual names.
enter() {
  folder=$1
  shift
  cp /etc/resolv.conf "$folder/etc/"
  apart sh -euc '
    folder=$1 tree=$2 toolchain=$3
    shift 3
    mount -t proc proc "$folder/proc"
    mount --rbind /dev "$folder/dev"
    for place in "$tree" "$toolchain"; do
      mkdir -p "$folder$place"
      mount --bind "$place" "$folder$place"
    done
    exec chroot "$folder" env -i HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
      PATH="$toolchain/bin:/usr/sbin:/usr/bin:/sbin:/bin" ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} \
      ${GEGL_INPAINT_TEST_SCREENSHOTS:+"GEGL_INPAINT_TEST_SCREENSHOTS=$GEGL_INPAINT_TEST_SCREENSHOTS"} "$@"
  ' - "$folder" "$tree" "$toolchain" "$@"
}

# mirror: where the machine's own packages come from.
mirror() {
  . /etc/os-release
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    sed -n "s/ $VERSION_CODENAME main\$//p" | head -n 1
}

# A system that is not whole has another name, and is made again.
make_root() {
  [ "$(id -u)" = 0 ] || unable "but root can"
  command -v apt-get >/dev/null || unable "it has no apt"
  apart --mount-proc true 2>/dev/null || unable "it may not mount"
  mkdir -p "$(dirname "$root")"
  exec 9>"$root.lock"
  flock 9
  [ ! -d "$root" ] || return 0
  [ "$(df --output=avail "$(dirname "$root")" | tail -n 1)" -gt $needed ] || unable "it lacks $needed KB in $(dirname "$root")"
  (install_packages debootstrap debian-archive-keyring) || unable "it has no debootstrap"
  source=$(mirror)
  [ -n "$source" ] || unable "apt names no mirror of its own system"

  echo "Making a Debian 13 in $root, which takes some minutes"
  half="$root.half"
  rm -rf "$half"
  timeout 30m unshare --mount debootstrap --variant=minbase --include=ca-certificates trixie "$half" "$source" >"$root.log" 2>&1 ||
    { tail -n 3 "$root.log" >&2; unable "debootstrap failed with $source"; }
  install="apt-get install -y -qq --no-install-recommends $packages $swift_packages"
  enter "$half" apt-get update -qq || unable "$source does not answer"
  # shellcheck disable=SC2086 # a command and names
  {
    enter "$half" $install --simulate >/dev/null # what fails here are the names above
    enter "$half" timeout 30m $install --download-only >/dev/null || unable "$source does not answer"
    enter "$half" $install >"$root.log" 2>&1 || { tail "$root.log" >&2; exit 1; }
  }
  enter "$half" apt-get clean
  mv "$half" "$root"
  rm "$root.log"
}

scratch=.build
only=""
case "${1:-}" in
  --make | --if-there) only=$1; shift ;;
  --inside) scratch=.build-debian-13 packages="$packages $swift_packages"; shift ;;
esac

if ! has_gimp3; then
  if [ "$only" = --if-there ] && ! { [ -d "$root" ] && [ "$(id -u)" = 0 ]; }; then
    skip "Tests/gimp3/run.sh, as root, makes a Debian 13 with GIMP 3 for it"
  fi
  require_swift
  toolchain=$(swift -print-target-info | sed -n 's|.*"runtimeResourcePath": "\(.*\)/lib/swift".*|\1|p')
  make_root
  exec 9>&- # the lock of make_root
  [ "$only" != --make ] || exit 0
  # The build takes other packages from where the machine's own git finds them.
  swift package resolve
  mkdir -p .build-debian-13
  cp -a .build/checkouts .build/repositories .build/workspace-state.json .build-debian-13/
  enter "$root" "$tree/Tests/gimp3/run.sh" --inside "$@"
  exit
fi

[ "$only" != --make ] || exit 0
# shellcheck disable=SC2086 # a list of names
install_packages $packages
require_swift
swift build -c release -Xswiftc -enable-testing --manifest-cache none --scratch-path "$scratch"
plug_ins=$(mktemp -d)
trap 'rm -rf "$plug_ins"' EXIT
cp "$scratch/release/libgegl-inpaint.so" "$plug_ins/gegl-inpaint.so"
GEGL_INPAINT_TEST_PLUG_INS=$plug_ins GEGL_INPAINT_TEST_GIMP3_PLUG_IN="$tree/$scratch/release/gimp-inpaint-3" \
  /usr/bin/python3 -m pytest -q -p no:cacheprovider Tests/gimp3 "$@"
