#!/usr/bin/env bash
# Runs the short examples of every language, after `make build`. Each ends with 0 only when what it shows is so.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
library=(-Iinclude -Ltarget/release -lauthwright -Wl,-rpath,"$PWD/target/release")

run() { printf '== %s\n' "$1"; shift; "$@"; }

cc -std=c11 -Wall -Wextra -Werror examples/c/quickstart.c -o "$work/c" "${library[@]}"
c++ -std=c++17 -Wall -Wextra -Werror examples/cpp/quickstart.cpp -o "$work/cpp" "${library[@]}"
mkdir -p examples/node/node_modules
ln -sfn ../../../bindings/node examples/node/node_modules/authwright

run C "$work/c"
run C++ "$work/cpp"
run Python target/venv/bin/python examples/python/quickstart.py
run Node node examples/node/quickstart.mjs
run Rust target/release/quickstart
