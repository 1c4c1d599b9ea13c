#!/bin/sh
# Builds gegl-inpaint and installs it for the user.
#
#   examples/install.sh [--prefix DIR] [--uninstall]
#
# The default prefix is ~/.local, where GEGL and GIMP look without being told. What is installed where:
# plugin-manifest/files.txt.
set -eu
cd "$(dirname "$0")/.."
. examples/packages.sh

prefix="$HOME/.local"
uninstall=false
while [ $# -gt 0 ]; do
  case "$1" in
    --prefix) prefix=${2:?--prefix needs a folder}; shift ;;
    --uninstall) uninstall=true ;;
    *) echo "usage: $0 [--prefix DIR] [--uninstall]" >&2; exit 2 ;;
  esac
  shift
done

$uninstall || { require_swift; swift build -c release --static-swift-stdlib; }

grep -v '^#' plugin-manifest/files.txt | while read -r source target; do
  if $uninstall; then
    rm -rf "${prefix:?}/$target"
  else
    mkdir -p "$(dirname "$prefix/$target")"
    rm -rf "${prefix:?}/$target"
    cp -R "$source" "$prefix/$target"
  fi
done
if $uninstall; then echo "Removed from $prefix"; else echo "Installed to $prefix"; fi
