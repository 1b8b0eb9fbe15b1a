#!/bin/sh
# Builds libjwt.c with Debian's libjwt-dev and our library from target/release, and runs it. Without libjwt-dev it is
# skipped, loudly; under AW_REQUIRE_ALL=1 that is a failure.
set -eu
cd "$(dirname "$0")/../.."

if ! pkg-config --exists libjwt 2>/dev/null; then
  echo 'interop: SKIPPED: libjwt-dev is not installed (apt-get install libjwt-dev)' >&2
  [ "${AW_REQUIRE_ALL:-}" != 1 ] || exit 1
  exit 0
fi

mkdir -p target/interop
library=$(pwd)/target/release
"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror tests/interop/libjwt.c -o target/interop/libjwt \
  -Iinclude -L"$library" -lauthwright "-Wl,-rpath,$library" $(pkg-config --cflags --libs libjwt)
exec target/interop/libjwt
