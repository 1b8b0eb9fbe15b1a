"""Verifies the tokens of a live issuer, of which it knows nothing but the URL.

    verify_issuer.py ISSUER AUDIENCE [COOLDOWN]

Reads tokens from its input, a line each, and answers each with a line: `ok` and the subject, or the code of the error.
COOLDOWN is the number of seconds between two fetches that unknown keys cause, 30 unless it is given.
"""

import os
import sys

import authwright as aw


def main() -> int:
    match sys.argv[1:]:
        case [issuer, audience]:
            # Nothing is fetched yet: an issuer that is down at this moment is no error.
            verifier = aw.Verifier.discover(issuer, audience=audience)
        case [issuer, audience, cooldown]:
            keys = aw.RemoteKeySet(issuer=issuer, cooldown=int(cooldown))
            verifier = aw.Verifier(keys, audience=audience)
        case _:
            print("usage: verify_issuer.py ISSUER AUDIENCE [COOLDOWN]", file=sys.stderr)
            return 2

    # For a log: when keys were fetched, and when that failed.
    if "LOG_EVENTS" in os.environ:
        aw.on_event(lambda event: print(event, file=sys.stderr))

    for line in sys.stdin:
        try:
            # Fetches the keys where they are needed, once for all threads that wait for them, and keeps them up to date.
            token = verifier.verify_fetching(line.strip(), timeout=10)
            print("ok", token.claims["sub"], flush=True)
        except aw.AuthwrightError as error:
            # KeysNeededError says nothing about the token: a service answers 503 rather than 401.
            print(error.code, flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except aw.AuthwrightError as error:
        print(f"verify_issuer: {error}", file=sys.stderr)
        sys.exit(1)
