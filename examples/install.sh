#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# Builds gegl-inpaint and installs it for the user.
#
#   examples/install.sh [--prefix DIR] [--uninstall]
#
# The default prefix is ~/.local, where GEGL looks without being told, and GIMP's plug-in goes to the user's own folder of
# plug-ins; with a prefix it goes to DIR/lib/gimp/2.0/plug-ins, or 3.0.  What is installed where: plugin-manifest/files.txt.
set -eu
cd "$(dirname "$0")/.."
. examples/packages.sh

config="${XDG_CONFIG_HOME:-$HOME/.config}/GIMP"
prefix="$HOME/.local"
has_gimp2=false
if command -v gimp-2.10 >/dev/null; then has_gimp2=true; fi
gimp2="${GIMP2_DIRECTORY:-$config/2.10}/plug-ins"
gimp3_series=$(gimp --version 2>/dev/null | sed -n 's/.*version \(3\.[0-9]*\)\..*/\1/p')
has_gimp3=false
if [ -n "$gimp3_series" ]; then has_gimp3=true; fi
gimp3=""
uninstall=false
while [ $# -gt 0 ]; do
  case "$1" in
    --prefix)
      prefix=${2:?--prefix needs a folder}
      gimp2="$prefix/lib/gimp/2.0/plug-ins"
      gimp3="$prefix/lib/gimp/3.0/plug-ins"
      shift
      ;;
    --uninstall) uninstall=true ;;
    *) echo "usage: $0 [--prefix DIR] [--uninstall]" >&2; exit 2 ;;
  esac
  shift
done

# gimp3_folders: GIMP 3's folders of plug-ins, one a line; the user has one for each series, and a new series copies that of
# the last.
gimp3_folders() {
  if [ -n "$gimp3" ]; then
    echo "$gimp3"
  elif [ -n "${GIMP3_DIRECTORY:-}" ]; then
    echo "$GIMP3_DIRECTORY/plug-ins"
  else
    for series in "$config"/3.*; do
      if [ -d "$series" ] && [ "$series" != "$config/$gimp3_series" ]; then echo "$series/plug-ins"; fi
    done
    echo "$config/${gimp3_series:-3.0}/plug-ins"
  fi
}

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

# place SOURCE PLACE: installs or removes one line of the list.
place() {
  rm -rf "$2"
  if $uninstall; then
    # Each of GIMP's plug-ins has a folder of its own.
    case "$2" in */gimp-inpaint/*) rmdir "$(dirname "$2")" 2>/dev/null || true ;; esac
  elif [ "$(basename "$1")" = po ]; then
    compile_translations "$1" "$2"
  else
    mkdir -p "$(dirname "$2")"
    cp -R "$1" "$2"
  fi
}

# has_program NAME: whether a plug-in has been built, or nothing is to be installed.
has_program() { $uninstall || [ -e ".build/release/$1" ]; }

grep -v '^#' plugin-manifest/files.txt | while read -r source target; do
  case "$target" in
    @gimp2@/*) if has_program gimp-inpaint; then place "$source" "$gimp2/${target#@gimp2@/}"; fi ;;
    @gimp3@/*)
      if has_program gimp-inpaint-3; then
        gimp3_folders | while IFS= read -r folder; do place "$source" "$folder/${target#@gimp3@/}"; done
      fi
      ;;
    *) place "$source" "${prefix:?}/$target" ;;
  esac
done

# installed_for NAME HAS: whether that program's folder is worth a word.  Who has no such GIMP misses nothing.
installed_for() { [ -e ".build/release/$1" ] || { $uninstall && $2; }; }
places=$prefix
if installed_for gimp-inpaint $has_gimp2; then
  places="$places, $gimp2"
elif $has_gimp2; then
  echo "Without libgimp 2 there is no gimp-inpaint for GIMP 2.10"
fi
if installed_for gimp-inpaint-3 $has_gimp3; then
  places="$places, $(gimp3_folders | paste -s -d , | sed 's/,/, /g')"
elif $has_gimp3; then
  echo "Without libgimp 3 there is no gimp-inpaint for GIMP 3"
fi
if $uninstall; then echo "Removed from $places"; exit; fi
echo "Installed to $places"
case ":$PATH:" in
  *":$prefix/bin:"*) ;;
  *) echo "The shell does not look for \`inpaint\` in $prefix/bin: add that to PATH" ;;
esac
