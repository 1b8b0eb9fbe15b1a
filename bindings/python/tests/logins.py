"""What the tests of logins share: clients of both kinds, and a user at the provider."""

import asyncio
import contextlib
import inspect
import json
import pathlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
import httpx

import authwright as aw

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tests" / "servers"))

KINDS = ["blocking", "built-in", "httpx", "aiohttp"]
SEAL_KEY = aw.Key.from_secret(b"what this site seals its logins with")
OFFLINE = {"scope": "openid email profile offline_access", "prompt": "consent"}


class Awaited:
    """An AsyncClient, or what it gave, whose methods a test calls as those of its twin."""

    def __init__(self, runner: asyncio.Runner, twin: Any) -> None:
        self._runner, self.twin = runner, twin

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.twin, name)
        if not callable(member):
            return member

        async def answer(*arguments: Any, **options: Any) -> Any:
            answer = member(*arguments, **options)
            return await answer if inspect.isawaitable(answer) else answer

        return lambda *arguments, **options: self._runner.run(answer(*arguments, **options))


Make = Callable[..., Any]


@contextlib.contextmanager
def clients(kind: str) -> Iterator[Make]:
    """What makes clients of that kind: `make(issuer, **options, http={...})`; `http` is for an HttpClient."""
    if kind == "blocking":

        def blocking(*arguments: Any, http: dict[str, Any] | None = None, **options: Any) -> aw.oauth.Client:
            given = {} if http is None else {"http": aw.HttpClient(**http)}
            return aw.oauth.Client(*arguments, **{"seal_keys": SEAL_KEY, **options}, **given)

        yield blocking
        return
    with asyncio.Runner() as runner:
        host: Any = None
        if kind == "httpx":
            # What a program sets for its own requests, and must have no effect here.
            host = httpx.AsyncClient(follow_redirects=True, auth=("user", "password"), headers={"X-Program": "1"})
        elif kind == "aiohttp":

            async def session() -> aiohttp.ClientSession:
                return aiohttp.ClientSession(headers={"X-Program": "1"}, raise_for_status=True)

            host = runner.run(session())

        def awaited(*arguments: Any, http: dict[str, Any] | None = None, **options: Any) -> Awaited:
            client = aw.HttpClient(**http) if http is not None and kind == "built-in" else host
            made = aw.oauth.AsyncClient(*arguments, **{"seal_keys": SEAL_KEY, **options}, client=client)
            return Awaited(runner, made)

        yield awaited
        if kind == "httpx":
            runner.run(host.aclose())
        elif kind == "aiohttp":
            runner.run(host.close())


def of(facts: Any) -> dict[str, Any]:
    """The options of a client that the servers know, by what they said of it."""
    options = dict(facts["options"] if isinstance(facts, dict) else facts.options)
    key = (facts if isinstance(facts, dict) else facts.facts).get("client_key")
    needs_key = options.get("token_endpoint_auth_method") == "private_key_jwt"
    return {**options, "client_key": aw.Key.from_jwk(key)} if key and needs_key else options


def log_in(client: Any, provider: Any, login: str = "alice", **options: Any) -> aw.oauth.Tokens:
    begun = client.begin_login(**{**OFFLINE, **options})
    came = provider.authorize(begun.url, login=login)
    tokens = client.finish_login(begun.transaction, came.get("callback") or came["form"])
    assert isinstance(tokens, aw.oauth.Tokens)
    return tokens


def over(tokens: aw.oauth.Tokens, **members: Any) -> aw.oauth.Tokens:
    """The same tokens, whose access token is over."""
    return aw.oauth.Tokens.from_json({**json.loads(tokens.to_json()), "expires_at": 1_700_000_000, **members})


def cookie_of(set_cookie: str) -> str:
    """What a browser sends for a Set-Cookie header."""
    return set_cookie.partition(";")[0]
