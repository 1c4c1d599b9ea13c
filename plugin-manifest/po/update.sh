#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# Makes gegl-inpaint.pot anew from the texts in the sources, and brings the translations up to it; takes gettext.
#
#   plugin-manifest/po/update.sh [FOLDER]     the folder that gets the files; default: this one
set -eu
cd "$(dirname "$0")/../.."
target=${1:-plugin-manifest/po}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Enumerations' names, and the stages of a run, are marked by their place.
sed -n 's/.*{ INPAINT_[A-Z0-9_]*, \("[^"]*"\).*/N_(\1)/p' CShim/gegl/enums.c >"$work/enums.c"
find Sources -name '*.swift' -exec \
  sed -n 's/.*[sS]tage: \("[^"\\]*"\)[,)].*/N_(\1)/p; s/.*report(\([^"]*, \)*\("[^"\\]*"\)).*/N_(\2)/p; s/.*begin(\("[^"\\]*"\),.*/N_(\1)/p' {} + >"$work/stages.c"

xgettext --language=C --from-code=UTF-8 --keyword=_ --keyword=N_ --add-location=file --sort-output --no-wrap \
  --package-name=gegl-inpaint --copyright-holder="The gegl-inpaint authors" --output="$work/all.pot" \
  CShim/gegl/*.c CShim/gegl/*.inc CShim/gimp/*.c CShim/gimp/include/*.inc CShim/gimp2/*.c CShim/gimp3/*.c "$work/enums.c" "$work/stages.c"
# A date would be a change in every run, and the temporary folder is nobody's.
sed -e '/^"POT-Creation-Date/d' -e "s#$work/enums.c#CShim/gegl/enums.c#; s#$work/stages.c#Sources#" "$work/all.pot" \
  >"$target/gegl-inpaint.pot"
for translation in plugin-manifest/po/*.po; do
  [ -e "$translation" ] || continue
  msgmerge --quiet --no-wrap --add-location=file --sort-output "$translation" "$target/gegl-inpaint.pot" \
    --output-file="$work/merged.po"
  cp "$work/merged.po" "$target/$(basename "$translation")"
done
