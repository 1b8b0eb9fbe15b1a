"""An API whose callers have API keys, on Flask.

    export PEPPER=$(openssl rand -base64 32)
    api_keys_flask.py issue billing-service invoices:read     prints a key, once
    api_keys_flask.py                                         serves
    curl -H "Authorization: Bearer $KEY" http://127.0.0.1:8080/invoices

PEPPER is the base64 of 32 random bytes, STORE where the keys are (sqlite:keys.db), PORT where it listens (8080; 0 is any free
port). It is ready when it has printed one line: {"url": "http://127.0.0.1:8080"}.
"""

import base64
import functools
import json
import os
import sys
from collections.abc import Callable
from datetime import timedelta

import authwright as aw
import flask
import werkzeug.serving

try:
    pepper = base64.b64decode(os.environ["PEPPER"], validate=True)
except (KeyError, ValueError):
    sys.exit("PEPPER must be base64: openssl rand -base64 32")

app = flask.Flask(__name__)
keys = aw.ApiKeys(os.environ.get("STORE", "sqlite:keys.db"), prefix="acme", environment="live", peppers=[pepper])


def api_key(*scopes: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Lets in who has a key with these scopes: flask.g.caller."""

    def decorate(view: Callable[..., object]) -> Callable[..., object]:
        @functools.wraps(view)
        def checked(*arguments: object, **named: object) -> object:
            scheme, _, presented = flask.request.headers.get("Authorization", "").partition(" ")
            if scheme.lower() != "bearer":
                presented = flask.request.headers.get("X-API-Key", "")
            flask.g.caller = keys.verify(presented.strip(), scopes)
            return view(*arguments, **named)

        return checked

    return decorate


@app.get("/invoices")
@api_key("invoices:read")
def invoices() -> dict[str, object]:
    """What the caller came for."""
    return {"owner": flask.g.caller.owner, "invoices": []}


@app.delete("/invoices")
@api_key("invoices:write")
def remove() -> tuple[str, int]:
    """What needs another scope."""
    return "", 204


@app.errorhandler(aw.AuthwrightError)
def refuse(error: aw.AuthwrightError) -> tuple[dict[str, str | None], int, dict[str, str]]:
    """A key is refused; or the store could not be asked, which says nothing about the key."""
    match error:
        case aw.ApiKeyScopeError():
            # Told only to who has the whole key.
            return {"error": error.code, "scope": error.field}, 403, {}
        case aw.ApiKeyInvalidError() | aw.ApiKeyExpiredError() | aw.ApiKeyRevokedError():
            return {"error": error.code}, 401, {"WWW-Authenticate": "Bearer"}
        case _:
            app.logger.error("%s: %s", error.code, error)
            return {"error": "try again later"}, 503, {"Retry-After": "5"}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["issue", owner, *scopes]:
            print(keys.issue(owner, scopes=scopes, expires_in=timedelta(days=90)).secret)
        case _:
            server = werkzeug.serving.make_server("127.0.0.1", int(os.environ.get("PORT", "8080")), app, threaded=True)
            print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                sys.exit()
