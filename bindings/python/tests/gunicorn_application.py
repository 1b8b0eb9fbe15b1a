"""What test_fork.py serves: the verifier is made once, in the master, and used in the workers.

KEYS names a file of keys; ISSUER an issuer, for which the master verifies a first token; CLIENT has the options of a
client, whose TOKENS a manager renews; STORE the URL of a store of API keys.
"""

import json
import os
import pathlib
from collections.abc import Callable, Iterable
from typing import Any

import authwright as aw

MANAGER: aw.oauth.TokenManager | None = None
API_KEYS: aw.ApiKeys | None = None
if "STORE" in os.environ:
    API_KEYS = aw.ApiKeys(os.environ["STORE"], prefix="acme", environment="live", peppers=os.environb[b"PEPPER"])
elif "CLIENT" in os.environ:
    CLIENT = aw.oauth.Client(**json.loads(os.environ["CLIENT"]), seal_keys=aw.Key.generate("HS256"))
    CLIENT.begin_login()
    MANAGER = CLIENT.token_manager(aw.oauth.Tokens.from_json(os.environ["TOKENS"]), on_tokens=lambda _: None)
elif "ISSUER" in os.environ:
    VERIFIER = aw.Verifier(aw.RemoteKeySet(issuer=os.environ["ISSUER"], cooldown=1), audience="api")
    VERIFIER.verify_fetching(os.environ["TOKEN"])
else:
    KEYS = aw.KeySet.from_json(pathlib.Path(os.environ["KEYS"]).read_text())
    VERIFIER = aw.Verifier(KEYS, issuer="https://id.example", audience="api")


def application(environ: dict[str, Any], start: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
    if MANAGER is not None:
        tokens = MANAGER.tokens()
        start("200 OK", [("Content-Type", "text/plain")])
        return [f"{os.getpid()} {tokens.access_token}".encode()]
    presented = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
    try:
        subject = (
            API_KEYS.verify(presented, "read").owner
            if API_KEYS is not None
            else VERIFIER.verify_fetching(presented).claims["sub"]
        )
    except aw.AuthwrightError as error:
        start("401 Unauthorized", [("Content-Type", "text/plain")])
        return [error.code.encode()]
    start("200 OK", [("Content-Type", "text/plain")])
    return [f"{os.getpid()} {subject}".encode()]
