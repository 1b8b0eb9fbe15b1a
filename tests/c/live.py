#!/usr/bin/env python3
"""Runs live.c against the test servers, and counts what the issuer was asked.

    tests/c/live.py command...

The command is the program, perhaps under valgrind.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "servers"))

import servers

# What is run: the issuer's behaviour, and how often its keys are fetched.
MODES = {
    "threads": ({}, 1),
    # The parent's first and last, and one of each child.
    "fork": ({}, 10),
    "fork-fetching": ({"behaviour": "jwks-slow", "ms": 600}, 9),
    "ahead": ({}, 1),
    "ahead-closed": ({}, 0),
    "handed-over": ({}, 1),
}


def main():
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    rounds = os.environ.get("AW_ROUNDS", "1000")
    wrong = 0
    with servers.hostile() as hostile, tempfile.NamedTemporaryFile("w", suffix=".json") as jwks:
        for mode, (behaviour, expected) in MODES.items():
            issuer = hostile.new(**behaviour)
            jwks.seek(0)
            jwks.truncate()
            json.dump(issuer.jwks(), jwks)
            jwks.flush()
            extra = {"threads": [rounds], "ahead": [jwks.name], "ahead-closed": [jwks.name]}.get(mode, [])
            command = [*sys.argv[1:], mode, issuer.issuer, issuer.token(), *extra]
            code = subprocess.run(command, env=environment, check=False, timeout=300).returncode
            fetched = issuer.fetches()["jwks"]
            if code != 0 or fetched != expected:
                print(f"{mode}: ended with {code}, and {fetched} fetches instead of {expected}", file=sys.stderr)
                wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except servers.Unavailable as missing:
        print(f"live: SKIPPED: {missing}", file=sys.stderr)
        sys.exit(int(os.environ.get("AW_REQUIRE_ALL") == "1"))
