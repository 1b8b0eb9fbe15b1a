"""Issues API keys, checks them, rotates and revokes them, on a store of which it knows nothing but the URL.

    PEPPER=... issue_and_check.py STORE

Reads commands from its input, a line each, and answers each with a line: `ok` and what there is, or the code of the error.

    issue OWNER SCOPE SECONDS    a key for so long: ok ID KEY
    check KEY SCOPE              whose it is: ok OWNER
    rotate ID SECONDS            the key before it is good for so long: ok ID KEY
    revoke ID                    ok

PEPPER is the base64 of 32 random bytes (`openssl rand -base64 32`), the same in every process that uses the store.
"""

import base64
import os
import sys

import authwright as aw


def main() -> None:
    try:
        [url], pepper = sys.argv[1:], base64.b64decode(os.environ["PEPPER"], validate=True)
    except (KeyError, ValueError):
        sys.exit("usage: PEPPER=... issue_and_check.py STORE, with PEPPER in base64: openssl rand -base64 32")
    # Nothing is opened yet: a server that is down at this moment is no error.
    with aw.ApiKeys(url, prefix="acme", environment="live", peppers=[pepper]) as keys:
        for line in sys.stdin:
            try:
                print("ok", *answer(keys, line.split()), flush=True)
            except aw.AuthwrightError as error:
                # ERR_STORE_... says nothing about a key: a service answers 503 rather than 401.
                print(error.code, flush=True)


def answer(keys: aw.ApiKeys, words: list[str]) -> tuple[str, ...]:
    match words:
        case ["issue", owner, scope, seconds]:
            issued = keys.issue(owner, scopes=[scope], expires_in=int(seconds))
            # The only time that it is shown: the store has a hash.
            return issued.id, issued.secret
        case ["check", presented, scope]:
            return (keys.verify(presented, [scope]).owner,)
        case ["rotate", id_, seconds]:
            rotated = keys.rotate(id_, overlap=int(seconds))
            return rotated.id, rotated.secret
        case ["revoke", id_]:
            keys.revoke(id_)
            return ()
    raise SystemExit(f"no such command: {' '.join(words)}")


if __name__ == "__main__":
    try:
        main()
    except aw.AuthwrightError as error:
        sys.exit(f"issue_and_check: {error}")
