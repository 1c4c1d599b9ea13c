#!/bin/sh
# Runs the Swift tests under the address and the thread sanitizer; takes a quarter of an hour, and no part in Tests/run.sh.
#
#   Tests/sanitize.sh [address|thread]...     default: both
set -eu
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- address thread
for sanitizer in "$@"; do
  echo "== $sanitizer"
  # Reports end the process, so that they fail a test.  GEGL is not part of these tests.
  ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 TSAN_OPTIONS=halt_on_error=1 \
    swift test -c release -Xswiftc -enable-testing --sanitize "$sanitizer" --scratch-path ".build-$sanitizer" --manifest-cache none
done
