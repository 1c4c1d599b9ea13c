#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# Builds gegl-inpaint and installs it for the user.
#
#   examples/install.sh [--prefix DIR] [--uninstall]
#
# The default prefix is ~/.local, where GEGL looks without being told, and GIMP's plug-in goes to the user's own folder of
# plug-ins; with a prefix it goes to DIR/lib/gimp/2.0/plug-ins.  What is installed where: plugin-manifest/files.txt.
set -eu
cd "$(dirname "$0")/.."
. examples/packages.sh

prefix="$HOME/.local"
has_gimp2=false
if command -v gimp-2.10 >/dev/null; then has_gimp2=true; fi
gimp2="${GIMP2_DIRECTORY:-${XDG_CONFIG_HOME:-$HOME/.config}/GIMP/2.10}/plug-ins"
uninstall=false
while [ $# -gt 0 ]; do
  case "$1" in
    --prefix) prefix=${2:?--prefix needs a folder}; gimp2="$prefix/lib/gimp/2.0/plug-ins"; shift ;;
    --uninstall) uninstall=true ;;
    *) echo "usage: $0 [--prefix DIR] [--uninstall]" >&2; exit 2 ;;
  esac
  shift
done

# The manifest asks for libgimp: what was found at the last build says nothing.
$uninstall || { require_swift; swift build -c release --static-swift-stdlib --manifest-cache none; }

# compile_translations PO_FOLDER LOCALE_FOLDER
compile_translations() {
  command -v msgfmt >/dev/null || { echo "Without msgfmt (gettext) GIMP's entries are in English"; return; }
  for translation in "$1"/*.po; do
    messages="$2/$(basename "$translation" .po)/LC_MESSAGES"
    mkdir -p "$messages"
    msgfmt "$translation" -o "$messages/gegl-inpaint.mo"
  done
}

grep -v '^#' plugin-manifest/files.txt | while read -r source target; do
  case "$target" in
    @gimp2@/*) installed="$gimp2/${target#@gimp2@/}"; optional=true ;;
    *) installed="${prefix:?}/$target"; optional=false ;;
  esac
  rm -rf "$installed"
  if $uninstall; then
    # Each of GIMP's plug-ins has a folder of its own.
    if $optional; then rmdir "$(dirname "$installed")" 2>/dev/null || true; fi
  elif $optional && [ ! -e .build/release/gimp-inpaint ]; then
    # Who has no GIMP 2.10 misses nothing.
    if $has_gimp2; then echo "Without libgimp 2 there is no $(basename "$installed") for GIMP 2.10"; fi
  elif [ "$(basename "$source")" = po ]; then
    compile_translations "$source" "$installed"
  else
    mkdir -p "$(dirname "$installed")"
    cp -R "$source" "$installed"
  fi
done
places=$prefix
if [ -e .build/release/gimp-inpaint ] || { $uninstall && $has_gimp2; }; then places="$prefix and $gimp2"; fi
if $uninstall; then echo "Removed from $places"; exit; fi
echo "Installed to $places"
case ":$PATH:" in
  *":$prefix/bin:"*) ;;
  *) echo "The shell does not look for \`inpaint\` in $prefix/bin: add that to PATH" ;;
esac
