#!/bin/sh
# Installs playwright-core into target/browser, compiles the application in C, and runs run.mjs. What is missing
# (Chromium, an application) is said loudly and skipped; under AW_REQUIRE_ALL=1 it is a failure.
set -u
cd "$(dirname "$0")/../.."

skip() {
  printf 'browser: SKIPPED: %s\n' "$*" >&2
  [ "${AW_REQUIRE_ALL:-}" = 1 ] && exit 1
  exit 0
}

chromium=${AW_CHROMIUM:-/usr/bin/chromium}
[ -x "$chromium" ] || skip "there is no $chromium (Debian's package chromium)"
command -v npm >/dev/null 2>&1 || skip 'there is no npm'

packages=target/browser
if ! cmp -s tests/browser/package-lock.json "$packages/node_modules/installed-from.json"; then
  mkdir -p "$packages"
  cp tests/browser/package.json tests/browser/package-lock.json "$packages/"
  (cd "$packages" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2) ||
    skip 'npm could not install playwright-core'
  cp tests/browser/package-lock.json "$packages/node_modules/installed-from.json"
fi
python3 tests/servers/servers.py install || skip 'oidc-provider could not be installed'
tests/interop/setup.sh || exit 1

# run.mjs passes over an application that is not there.
source=examples/c/login_libmicrohttpd.c
rm -f "$packages/login_libmicrohttpd"
if [ -e "$source" ] && microhttpd=$(pkg-config --cflags --libs libmicrohttpd 2>/dev/null); then
  # shellcheck disable=SC2086 # several arguments
  "${CC:-cc}" -std=c11 -O2 -Wall -Wextra -Iinclude "$source" -o "$packages/login_libmicrohttpd" \
    -Ltarget/release -lauthwright -Wl,-rpath,"$PWD/target/release" $microhttpd || exit 1
fi

exec node tests/browser/run.mjs "$@"
