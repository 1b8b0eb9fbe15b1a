"""The guides of docs/login: each runs against a provider of the quirks server, and a user logs in with its program.

A guide's Python and JavaScript are whole programs. `play_guide.py` and `play_guide.mjs` run them with their client turned
to the provider on this machine, and play the browser.
"""

import contextlib
import importlib.util
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
SERVERS = HERE.parent / "servers"
REDIRECT_URI = "https://app.example/callback"

# What the server is told to be; who alice is there, the issuer ({base} is the server's) and the subject; and what the guide
# says of the provider: the calls that it has no endpoint for, and the leniencies of its answers.
GUIDES = {
    "google": {
        "provider": {"behaviour": "provider-google", "client_id": "1234987819200.apps.googleusercontent.com"},
        "user": ["{base}", "1096583231"],
        "missing": ["logout_url"],
    },
    "microsoft": {
        "provider": {"behaviour": "provider-microsoft", "client_id": "6e74172b-be56-4843-9ff4-e66a39bb12e3"},
        "user": ["{base}/11111111-2222-3333-4444-555555555555/v2.0", "AAAAAAAAAAAAAAAAAAAAA583231"],
        "missing": ["revoke"],
    },
    "github": {
        "provider": {"behaviour": "provider-github", "client_id": "Ov23liABCDEFGHIJKLMN"},
        "user": ["github", "583231"],
        # The server revokes for plain OAuth providers of all kinds, and GitHub does not.
        "without": ["revocation_endpoint"],
        "missing": ["logout_url", "revoke"],
        "leniencies": ["scope_commas"],
    },
    "apple": {
        "provider": {"behaviour": "provider-apple", "client_id": "com.example.web", "team_id": "DEF123GHIJ"},
        "user": ["{base}", None],
        "name": "Alice Liddell",
        "missing": ["logout_url"],
    },
    "any-provider": {"provider": {"behaviour": "good", "client_id": "web"}, "user": ["{base}", "alice"]},
}


class Unavailable(Exception):
    """What the guides need is not installed."""


@contextlib.contextmanager
def started():
    """The quirks server, as what makes providers; it ends with the block."""
    if importlib.util.find_spec("flask") is None:
        raise Unavailable("there is no Flask: run `make tools`")
    sys.path.insert(0, str(SERVERS))
    import servers

    try:
        with servers.quirks() as quirks:
            yield quirks
    except servers.Unavailable as error:
        raise Unavailable(error) from None


def is_guide(page):
    """Whether a page is played."""
    return page.parent.name == "login" and page.stem in GUIDES


def environment(page, quirks):
    """What a guide's program and its player find in their environment: secrets of the program, facts of a new provider."""
    guide = GUIDES[page.stem]
    provider = quirks.new(redirect_uri=REDIRECT_URI, **guide["provider"])
    ours = {"client_id", "client_secret", "redirect_uri", "team_id", "provider", *guide.get("without", [])}
    facts = {
        "servers": str(SERVERS),
        "control": quirks.control,
        "provider": provider.facts,
        "options": {name: value for name, value in provider.options.items() if name not in ours},
        "user": [part and part.format(base=provider.base) for part in guide["user"]],
        **{name: guide.get(name) for name in ("name", "missing", "leniencies")},
    }
    return os.environ | {
        "AW_GUIDE": json.dumps(facts),
        "CLIENT_SECRET": provider.options.get("client_secret", ""),
        "SEAL_KEY": "c2VhbCBrZXkgb2YgdGhlIGd1aWRlczsgMzIgYnl0ZXMgYXQgbGVhc3Q=",
        "SESSION_SECRET": "of the guides",
    }
