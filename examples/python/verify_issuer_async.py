"""The same as verify_issuer.py inside an event loop, which goes on meanwhile.

    verify_issuer_async.py ISSUER AUDIENCE [COOLDOWN]

Reads tokens from its input, a line each, and answers each with a line: `ok` and the subject, or the code of the error.
COOLDOWN is the number of seconds between two fetches that unknown keys cause, 30 unless it is given.
"""

import asyncio
import os
import sys

import authwright as aw


async def answer(verifier: aw.AsyncVerifier, token: str) -> str:
    try:
        # Fetches the keys where they are needed, once for all tasks that wait for them, and keeps them up to date.
        verified = await verifier.verify_fetching(token, timeout=10)
        return f"ok {verified.claims['sub']}"
    except aw.AuthwrightError as error:
        # KeysNeededError says nothing about the token: a service answers 503 rather than 401.
        return error.code


async def main() -> int:
    # A program that has an httpx.AsyncClient or an aiohttp.ClientSession passes it as `client`. Without one, authwright's
    # own client does the fetching, in a thread.
    match sys.argv[1:]:
        case [issuer, audience]:
            verifier = aw.AsyncVerifier.discover(issuer, audience=audience)
        case [issuer, audience, cooldown]:
            keys = aw.RemoteKeySet(issuer=issuer, cooldown=int(cooldown))
            verifier = aw.AsyncVerifier(keys, audience=audience)
        case _:
            print("usage: verify_issuer_async.py ISSUER AUDIENCE [COOLDOWN]", file=sys.stderr)
            return 2

    # For a log: when keys were fetched, and when that failed.
    if "LOG_EVENTS" in os.environ:
        aw.on_event(lambda event: print(event, file=sys.stderr))

    while line := await asyncio.to_thread(sys.stdin.readline):
        print(await answer(verifier, line.strip()), flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main()))
    except aw.AuthwrightError as error:
        print(f"verify_issuer_async: {error}", file=sys.stderr)
        sys.exit(1)
