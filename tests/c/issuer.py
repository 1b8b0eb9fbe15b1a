#!/usr/bin/env python3
"""Shows the examples of a live issuer one: tests/c/issuer.py program..."""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "servers"))

import servers


def ask(program, issuer, tokens):
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    lines = "".join(f"{token}\n" for token in tokens)
    done = subprocess.run(
        [program, issuer, "api"], env=environment, input=lines, check=True, text=True, stdout=subprocess.PIPE
    )
    return done.stdout.splitlines()


def main():
    wrong = 0
    with servers.oidc_provider() as provider:
        good = provider.token()
        tokens = [*[good] * 300, provider.token(exp=-3600), provider.token(aud="other"), "rubbish"]
        expected = [*["ok demo"] * 300, "ERR_TOKEN_EXPIRED", "ERR_AUDIENCE_MISMATCH", "ERR_TOKEN_MALFORMED"]
        before = provider.fetches()["jwks"]
        for number, program in enumerate(sys.argv[1:], 1):
            answers = ask(program, provider.issuer, tokens)
            fetched = provider.fetches()["jwks"] - before
            if answers != expected or fetched != number:
                print(f"{program}: {answers[-3:]}, {fetched} fetches after {number} programs", file=sys.stderr)
                wrong += 1
        provider.down()
        for program in sys.argv[1:]:
            if (answers := ask(program, provider.issuer, [good])) != ["ERR_KEYS_NEEDED"]:
                print(f"{program}: {answers} of an issuer that is down", file=sys.stderr)
                wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except servers.Unavailable as missing:
        print(f"issuer: SKIPPED: {missing}", file=sys.stderr)
        sys.exit(int(os.environ.get("AW_REQUIRE_ALL") == "1"))
