#!/usr/bin/env bash
# The scenarios of API keys through Rust's agent, which no other test plays; and through the agents of all languages at
# once, on the same SQLite files and the same Redis server. After `make build tools`.
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build=$PWD/target/release
cc -std=c11 -O2 -Wall -Wextra -Werror -Iinclude tests/c/agent.c -L"$build" -lauthwright -Wl,-rpath,"$build" -pthread \
    -o "$work/agent"

rust=("$build/agent") c=("$work/agent")
python=(target/venv/bin/python bindings/python/tests/agent.py)
node=(node bindings/node/test/agent.mjs)

echo '== Rust'
tests/scenarios/run_api_keys.py -- "${rust[@]}"
echo '== C, Python, asyncio, Node and Rust, each call by the next one'
tests/scenarios/run_api_keys.py -- "${c[@]}" --with "${python[@]}" --with "${python[@]}" built-in --with "${node[@]}" \
    --with "${rust[@]}"
