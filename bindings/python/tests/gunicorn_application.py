"""What test_fork.py serves: the verifier is made once, in the master, and used in the workers.

KEYS names a file of keys; ISSUER an issuer, for which the master verifies a first token.
"""

import os
import pathlib
from collections.abc import Callable, Iterable
from typing import Any

import authwright as aw

if "ISSUER" in os.environ:
    VERIFIER = aw.Verifier(aw.RemoteKeySet(issuer=os.environ["ISSUER"], cooldown=1), audience="api")
    VERIFIER.verify_fetching(os.environ["TOKEN"])
else:
    KEYS = aw.KeySet.from_json(pathlib.Path(os.environ["KEYS"]).read_text())
    VERIFIER = aw.Verifier(KEYS, issuer="https://id.example", audience="api")


def application(environ: dict[str, Any], start: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
    try:
        token = VERIFIER.verify_fetching(environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer "))
    except aw.AuthwrightError as error:
        start("401 Unauthorized", [("Content-Type", "text/plain")])
        return [error.code.encode()]
    start("200 OK", [("Content-Type", "text/plain")])
    return [f"{os.getpid()} {token.claims['sub']}".encode()]
