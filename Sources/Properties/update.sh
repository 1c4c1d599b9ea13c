#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# Writes the table of properties into this folder's README.  After a build: .build/release/inpaint is asked for it.
set -eu
cd "$(dirname "$0")"
table=$(../../.build/release/inpaint properties --markdown)
awk -v table="$table" '/^<!-- table -->$/ { print; print table; skip = 1; next } /^<!-- end -->$/ { skip = 0 } !skip' README.md \
  > README.md.new
mv README.md.new README.md
