#!/usr/bin/env python3
"""Runs managers.c against the test servers, and counts what the provider was asked.

    tests/c/managers.py command...

The command is the program, perhaps under valgrind.
"""

import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "servers"))

import servers

# What is run: the provider's behaviour, how often the program logs in, and how often the token endpoint is asked for all.
MODES = {
    "threads": ({"behaviour": "refresh-slow", "ms": 300}, 1, 2),
    "hook-overtaken": ({}, 2, 4),
    "hook-fails": ({}, 1, 2),
    "fork": ({}, 1, 2),
    "fork-asking": ({"behaviour": "refresh-slow", "ms": 900}, 1, 2),
    "fork-keeping": ({}, 1, 2),
}


def run(provider, mode, logins):
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    command = [*sys.argv[1:], mode, json.dumps(provider.options)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as program:
        try:
            for _ in range(logins):
                callback = provider.authorize(program.stdout.readline().strip())["callback"]
                program.stdin.write(f"{callback}\n")
                program.stdin.flush()
            said, _ = program.communicate(timeout=120)
            print(said, end="")
        finally:
            program.kill()
    return program.returncode


def main():
    wrong = 0
    with servers.quirks() as quirks:
        for mode, (behaviour, logins, expected) in MODES.items():
            provider = quirks.new(**behaviour)
            code = run(provider, mode, logins)
            asked = provider.counts()["token"]
            if code != 0 or asked != expected:
                print(f"{mode}: ended with {code}, and {asked} requests instead of {expected}", file=sys.stderr)
                wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except servers.Unavailable as missing:
        print(f"managers: SKIPPED: {missing}", file=sys.stderr)
        sys.exit(int(os.environ.get("AW_REQUIRE_ALL") == "1"))
