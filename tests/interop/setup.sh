#!/bin/sh
# Installs the peers that the interop tests and the demonstration talk to: the Python ones into target/venv, the Node
# ones into target/interop, and among those express, which an example needs. A second run does nothing. A peer that cannot
# be installed is said loudly and skipped; under AW_REQUIRE_ALL=1 it is a failure.
set -u
cd "$(dirname "$0")/../.."

missing=0
say() { printf 'interop: %s\n' "$*" >&2; }
skip() {
  say "SKIPPED: $*"
  missing=1
}

python=target/venv/bin/python
stamp=target/venv/interop-requirements.txt
if [ ! -x "$python" ]; then
  skip "PyJWT and joserfc: there is no target/venv (make build makes it)"
elif ! cmp -s tests/interop/requirements.txt "$stamp"; then
  say 'installing PyJWT and joserfc into target/venv'
  if "$python" -m pip install --quiet --disable-pip-version-check -r tests/interop/requirements.txt >&2; then
    cp tests/interop/requirements.txt "$stamp"
  else
    skip 'PyJWT and joserfc: pip failed'
  fi
fi

node=target/interop
if ! command -v npm >/dev/null 2>&1; then
  skip 'jose, jsonwebtoken and express: there is no npm'
elif ! cmp -s tests/interop/package-lock.json "$node/node_modules/installed-from.json"; then
  say 'installing jose, jsonwebtoken and express into target/interop'
  mkdir -p "$node"
  cp tests/interop/package.json tests/interop/package-lock.json "$node/"
  if (cd "$node" && npm ci --no-audit --no-fund --loglevel=error >&2); then
    cp tests/interop/package-lock.json "$node/node_modules/installed-from.json"
  else
    skip 'jose, jsonwebtoken and express: npm failed'
  fi
fi
# Node looks for what a program imports beside the program.
mkdir -p examples/node/node_modules
ln -sfn ../../../target/interop/node_modules/express examples/node/node_modules/express

if [ "$missing" = 1 ] && [ "${AW_REQUIRE_ALL:-}" = 1 ]; then
  say 'AW_REQUIRE_ALL=1: a missing peer is a failure'
  exit 1
fi
exit 0
