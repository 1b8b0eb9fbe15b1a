"""An API whose callers have API keys: Flask.

    KEY_STORE=sqlite:keys.db PEPPER=... PORT=8080 api_keys_flask.py

A caller presents a key as `Authorization: Bearer ...` or `X-API-Key: ...`. PEPPER is a secret of 32 bytes at least. PORT=0 is a
free port. When it is ready, it prints a line with a first key: {"url": "http://127.0.0.1:8080", "key": "acme_live_..."}.
"""

import functools
import json
import os
import sys
from collections.abc import Callable

import authwright as aw
import flask
import werkzeug.serving

app = flask.Flask(__name__)
keys = aw.ApiKeys(
    os.environ.get("KEY_STORE", "memory:"), prefix="acme", environment="live", peppers=[os.environ["PEPPER"]]
)


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
    """What the first key may not do."""
    return "", 204


@app.errorhandler(aw.AuthwrightError)
def refuse(error: aw.AuthwrightError) -> tuple[dict[str, str], int, dict[str, str]]:
    """A key is refused; or the store could not be asked, which says nothing about the key."""
    match error:
        case aw.ApiKeyScopeError():
            return {"error": error.code}, 403, {}
        case aw.ApiKeyInvalidError() | aw.ApiKeyExpiredError() | aw.ApiKeyRevokedError():
            return {"error": error.code}, 401, {"WWW-Authenticate": "Bearer"}
        case _:
            app.logger.error("%s: %s", error.code, error)
            return {"error": "try again later"}, 503, {"Retry-After": "5"}


if __name__ == "__main__":
    server = werkzeug.serving.make_server("127.0.0.1", int(os.environ.get("PORT", "0")), app, threaded=True)
    issued = keys.issue(owner="billing-service", scopes=["invoices:read"])
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}", "key": issued.secret}), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit()
