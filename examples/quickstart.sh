#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# Installs the packages, builds, installs the plug-in for the user, and fills the hole of a photograph with `gegl`.
set -eu
cd "$(dirname "$0")/.."
. examples/packages.sh

# shellcheck disable=SC2086 # a list of names
install_packages $build_packages
if command -v gimp-2.10 >/dev/null; then install_gimp_packages libgimp2.0-dev; fi
if command -v gimp-3.0 >/dev/null; then install_gimp_packages libgimp-3.0-dev; fi
require_swift
examples/install.sh

result="$PWD/examples/images/filled.png"
# What `gegl` says at its end of buffers is of no interest, the reason of a failure is.
messages=$(mktemp)
trap 'rm -f "$messages"' EXIT
gegl examples/images/dragonfly.jpg -o "$result" -- \
  inpaint:sd-inpaint prompt="lavender" seed=1 color-match=true aux=[ gegl:load path=examples/images/dragonfly-mask.png ] \
  gegl:png-save path="$result" bitdepth=8 2>"$messages" || { cat "$messages" >&2; exit 1; }
echo "The filled picture: $result"
