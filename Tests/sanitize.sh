#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# Runs the Swift tests under the address sanitizer; takes ten minutes, and no part in Tests/run.sh.
#
# Not under the thread sanitizer: it does not know the locks of Swift's Synchronization on Linux, and calls what they guard a race.
set -eu
cd "$(dirname "$0")/.."

# Reports end the process, so that they fail a test.  One test asks for more memory than there is.
ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 \
  swift test -c release -Xswiftc -enable-testing --sanitize address --scratch-path .build-address --manifest-cache none
