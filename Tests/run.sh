#!/bin/sh
# Installs what the tests need and runs all of them.
set -eu
cd "$(dirname "$0")/.."
. examples/packages.sh

# shellcheck disable=SC2086 # a list of names
install_packages $build_packages python3 python3-pytest python3-numpy python3-pil
require_swift

swift build -c release -Xswiftc -enable-testing --build-tests
swift test -c release -Xswiftc -enable-testing --skip-build

# The operations in the real gegl, with the module alone in a folder of its own.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/plug-ins"
cp .build/release/libgegl-inpaint.so "$folder/plug-ins/gegl-inpaint.so"
GEGL_INPAINT_TEST_PLUG_INS="$folder/plug-ins" GEGL_INPAINT_TEST_TOOL="$PWD/.build/release/inpaint" \
  /usr/bin/python3 -m pytest -q -p no:cacheprovider Tests/graphs
