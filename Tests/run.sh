#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# Installs what the tests need and runs all of them.
set -eu
cd "$(dirname "$0")/.."
. examples/packages.sh

# shellcheck disable=SC2086 # a list of names
install_packages $build_packages libopenblas-dev python3 python3-pytest python3-pytest-xdist python3-numpy python3-pil \
  python3-gi gir1.2-gegl-0.4 parallel
install_gimp_packages libgimp2.0-dev gimp xvfb xdotool imagemagick
install_gimp_packages libgimp-3.0-dev gimp
require_swift

swift build -c release -Xswiftc -enable-testing --build-tests --manifest-cache none
swift test -c release -Xswiftc -enable-testing --skip-build

# The recipes' parts that need no torch.
/usr/bin/python3 -m pytest -q -p no:cacheprovider Tests/recipes

# The operations in the real gegl, with the module alone in a folder of its own.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/plug-ins"
cp .build/release/libgegl-inpaint.so "$folder/plug-ins/gegl-inpaint.so"
GEGL_INPAINT_TEST_PLUG_INS="$folder/plug-ins" GEGL_INPAINT_TEST_TOOL="$PWD/.build/release/inpaint" \
  /usr/bin/python3 -m pytest -q -p no:cacheprovider -n 2 Tests/graphs

# The menu entries in the real GIMP.
if [ -e .build/release/gimp-inpaint ]; then
  GEGL_INPAINT_TEST_PLUG_INS="$folder/plug-ins" GEGL_INPAINT_TEST_GIMP_PLUG_IN="$PWD/.build/release/gimp-inpaint" \
    /usr/bin/python3 -m pytest -q -p no:cacheprovider Tests/gimp
else
  echo "Tests/gimp is skipped: there is no libgimp 2"
fi
Tests/gimp3/run.sh --if-there || [ $? = 77 ]
