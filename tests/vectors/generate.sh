#!/bin/sh
# Writes the corpus from its scripts, or with --check tells whether it has drifted from them. The scripts use
# pyca/cryptography and nothing of authwright, so that they can disagree with it.
set -eu
cd "$(dirname "$0")/../.."

venv=target/vectors-venv
requirements=tests/vectors/generate/requirements.txt
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
cmp -s "$requirements" "$venv/requirements.txt" || {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
    cp "$requirements" "$venv/requirements.txt"
}
exec "$venv/bin/python" tests/vectors/generate "$@"
