#!/bin/sh
# Installs the packages, builds, installs the plug-in for the user, and fills the hole of a photograph with `gegl`.
set -eu
cd "$(dirname "$0")/.."
. examples/packages.sh

# shellcheck disable=SC2086 # a list of names
install_packages $build_packages
if command -v gimp-2.10 >/dev/null; then install_gimp2_packages; fi
require_swift
examples/install.sh

result="$PWD/examples/images/filled.png"
model=${GEGL_INPAINT_MODEL:-}
if [ -z "$model" ] && [ ! -e "${XDG_DATA_HOME:-$HOME/.local/share}/gegl-inpaint/models/default" ]; then
  echo "No model is installed: an untrained one shows that everything works. It paints coloured noise."
  model=$PWD/Tests/fixtures/packs/tiny-sd15
fi
# What `gegl` says at its end of buffers is of no interest, the reason of a failure is.
messages=$(mktemp)
trap 'rm -f "$messages"' EXIT
GEGL_INPAINT_MODEL="$model" gegl examples/images/dragonfly.jpg -o "$result" -- \
  inpaint:sd-inpaint prompt="lavender" seed=1 aux=[ gegl:load path=examples/images/dragonfly-mask.png ] \
  gegl:png-save path="$result" bitdepth=8 2>"$messages" || { cat "$messages" >&2; exit 1; }
echo "The filled picture: $result"
