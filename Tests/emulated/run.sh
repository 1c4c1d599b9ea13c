#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# Tests the kernels of the instruction sets that this machine lacks, in an emulated processor that has them: Bochs' Sapphire
# Rapids with AMX-FP16, under Debian 13's kernel.  It says what they compute, not how fast.
#
#   Tests/emulated/run.sh [--make] [FILTER]
#
# FILTER: the tests, as for `swift test --filter`; without it all of CKernelsTests, with 20 random shapes or
# GEGL_INPAINT_TEST_SHAPES.  --make only makes the emulator, once: over the network, 20 MB in ~/.cache/gegl-inpaint.  Exit
# status 77, and a line that says why: there is none, or nothing to test.
set -eu
cd "$(dirname "$0")/../.."
. examples/packages.sh

here=$PWD/Tests/emulated
packages="g++ make patch xz-utils genisoimage cpio binutils"
needed=1500000 # KB, while it is made
# Another patch, another emulator.
emulator=${XDG_CACHE_HOME:-$HOME/.cache}/gegl-inpaint/emulator-$(cksum <"$here/bochs.patch" | cut -d " " -f 1)

skip() {
  echo "Tests/emulated is skipped: $1"
  exit 77
}
unable() { skip "this machine can make no emulator, $1"; }

# debian COMMAND...: a command of apt's for the archive of Debian 13, which the machine's own lists do not have.
debian() { (cd "$half/apt" && APT_CONFIG=$half/apt/configuration "$@"); }

# An emulator that is not whole has another name, and is made again.
make_emulator() {
  mkdir -p "$(dirname "$emulator")"
  exec 9>"$emulator.lock"
  flock 9
  [ ! -d "$emulator" ] || return 0
  [ "$(df --output=avail "$(dirname "$emulator")" | tail -n 1)" -gt $needed ] ||
    unable "it lacks $needed KB in $(dirname "$emulator")"
  # shellcheck disable=SC2086 # a list of names
  (install_packages $packages debian-archive-keyring) || unable "it has no $packages"
  . /etc/os-release
  source=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    sed -n "s/ $VERSION_CODENAME main\$//p" | head -n 1)
  [ -n "$source" ] || unable "apt names no mirror of its own system"

  echo "Making an emulator in $emulator, which takes some minutes"
  half=$emulator.half
  rm -rf "$half"
  mkdir -p "$half/apt/lists/partial" "$half/apt/archives/partial"
  touch "$half/apt/status"
  for type in deb deb-src; do
    echo "$type [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $source trixie main"
  done >"$half/apt/sources.list"
  cat >"$half/apt/configuration" <<CONFIGURATION
Dir::State "$half/apt";
Dir::State::status "$half/apt/status";
Dir::Cache "$half/apt";
Dir::Etc::SourceList "$half/apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
APT::Sandbox::User "$(id -un)";
CONFIGURATION
  debian apt-get update -qq --error-on=any || unable "$source has no Debian 13"
  kernel=$(debian apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: //p' | head -n 1)
  debian apt-get download -qq "$kernel" bochsbios vgabios isolinux syslinux-common || unable "$source does not answer"
  debian apt-get source -qq --download-only --tar-only bochs || unable "$source does not answer"
  for package in "$half"/apt/*.deb; do dpkg-deb -x "$package" "$half/apt/files"; done
  for file in boot/vmlinuz-* usr/share/bochs/BIOS-bochs-latest usr/share/vgabios/vgabios.bin usr/lib/ISOLINUX/isolinux.bin \
    usr/lib/syslinux/modules/bios/ldlinux.c32; do
    name=$(basename "$half/apt/files"/$file)
    cp -L "$half/apt/files"/$file "$half/${name%%-6*}"
  done

  mkdir "$half/apt/bochs"
  tar xf "$half"/apt/bochs_*.orig.tar.xz -C "$half/apt/bochs" --strip-components 1
  (
    cd "$half/apt/bochs" && patch -p1 <"$here/bochs.patch" &&
      ./configure --with-nogui --enable-cpu-level=6 --enable-x86-64 --enable-avx --enable-evex --enable-amx \
        --enable-all-optimizations --enable-pci --disable-docbook --disable-plugins &&
      make -j "$(nproc)"
  ) >"$emulator.log" 2>&1 </dev/null || { tail "$emulator.log" >&2; exit 1; }
  strip -o "$half/bochs" "$half/apt/bochs/bochs"
  rm -r "$half/apt"
  mv "$half" "$emulator"
  rm "$emulator.log"
}

# A disk of kernel, tests and what these need, which starts them.
make_disk() {
  mkdir -p "$work/disk" "$work/root/lib" "$work/root/lib64"
  gcc -O1 -static -o "$work/root/init" "$here/init.c"
  strip --strip-debug -o "$work/root/tests" "$tests"
  ldd "$tests" | sed -n 's|.* => \(/[^ ]*\) .*|\1|p' | while read -r library; do cp -L "$library" "$work/root/lib"; done
  cp -L /lib64/ld-linux-x86-64.so.2 "$work/root/lib64"
  (cd "$work/root" && find . | cpio --quiet -o -H newc) >"$work/disk/system"
  cp "$emulator/vmlinuz" "$emulator/isolinux.bin" "$emulator/ldlinux.c32" "$work/disk"
  # Linux hands what it does not know to the first process: names with values, and all behind --.  Bochs' power management
  # would stop it.
  cat >"$work/disk/isolinux.cfg" <<CONFIGURATION
default vmlinuz initrd=system console=ttyS0 quiet loglevel=2 acpi=off mitigations=off nowatchdog tsc=reliable lpj=4000000 \
random.trust_cpu=on intel_idle.max_cstate=0 NO_COLOR=1 GEGL_INPAINT_TEST_KERNELS=$kernels \
GEGL_INPAINT_TEST_SHAPES=$shapes -- --testing-library swift-testing --filter $filter
CONFIGURATION
  genisoimage -quiet -o "$work/disk.iso" -b isolinux.bin -c boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table \
    "$work/disk"
}

# Prints what the emulated machine does.
run_disk() {
  cat >"$work/bochsrc" <<CONFIGURATION
display_library: nogui
romimage: file="$emulator/BIOS-bochs-latest"
vgaromimage: file="$emulator/vgabios.bin"
memory: guest=1024, host=1024
cpu: model=sapphire_rapids, add_features="amx_fp16", ips=100000000, reset_on_triple_fault=0, ignore_bad_msrs=1
clock: sync=none
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path="$work/disk.iso", status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev="$work/serial"
log: "$work/log"
panic: action=fatal
error: action=report
info: action=ignore
CONFIGURATION
  : >"$work/serial"
  timeout 2h "$emulator/bochs" -q -f "$work/bochsrc" >"$work/bochs" 2>&1 </dev/null &
  emulation=$!
  tail -n +1 -f --pid=$emulation "$work/serial"
}

[ "$(uname -m)" = x86_64 ] || skip "it is for x86-64"
command -v apt-get >/dev/null || unable "it has no apt"
make_emulator
exec 9>&- # the lock of make_emulator
[ "${1:-}" != --make ] || exit 0
filter=${1:-CKernelsTests} shapes=${GEGL_INPAINT_TEST_SHAPES:-20}
# shellcheck disable=SC2086 # a list of names
install_packages $packages
require_swift
swift build -c release -Xswiftc -enable-testing --build-tests --manifest-cache none
tests=.build/release/gegl-inpaintPackageTests.xctest

# Any test of products says which kernels it cannot run here.
seen=$("$tests" --testing-library swift-testing --filter 'CKernelsTests\.ProductTests/nothingToDo' 2>&1) ||
  { echo "$seen" >&2; exit 1; }
kernels=$(echo "$seen" | sed -n 's/^kernels NOT tested, this processor cannot run them: //p' | sed 's/, /,/g')
[ -n "$kernels" ] || skip "this processor runs all kernels"

work=$(mktemp -d)
trap 'kill ${emulation:-} 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
make_disk
run_disk
status=$(sed -n "s/^the tests' exit status: //p" "$work/serial")
[ -n "$status" ] || { tail -n 5 "$work/log" "$work/bochs" >&2; exit 1; }
exit "$status"
