"""What clients are made of and give: their arguments, and that nothing of them is shown or altered."""

import asyncio
import copy
import json
import pickle
from typing import Any

import pytest
from logins import SEAL_KEY

import authwright as aw

URL = "https://id.example"
ENDPOINTS = {"authorization_endpoint": f"{URL}/authorize", "token_endpoint": f"{URL}/token"}
DOCUMENT = {
    "access_token": "an-access-token",
    "token_type": "Bearer",
    "refresh_token": "a-refresh-token",
    "expires_at": 1_800_000_000,
    "scope": ["openid", "email"],
    "id_token": "an.id.token",
    "claims": {"sub": "alice", "groups": ["a", "b"]},
    "name": "Ada",
    "leniencies": ["expires_in_string"],
    "return_to": "/inbox",
    "clear_cookie": "name=; Max-Age=0",
}


def web(**options: Any) -> aw.oauth.Client:
    """A client that need not discover anything."""
    members = {"client_id": "web", "redirect_uri": "https://app.example/callback", "seal_keys": SEAL_KEY, **ENDPOINTS}
    return aw.oauth.Client(**{**members, **options})


def test_tokens_and_their_document() -> None:
    tokens = aw.oauth.Tokens.from_json(DOCUMENT)
    assert {name: getattr(tokens, name) for name in DOCUMENT} == DOCUMENT
    assert tokens.authorization == "Bearer an-access-token"
    assert json.loads(tokens.to_json()) == DOCUMENT
    for text in (tokens.to_json(), tokens.to_json().encode()):
        assert aw.oauth.Tokens.from_json(text).to_json() == tokens.to_json()
    bare = aw.oauth.Tokens.from_json('{"access_token": "a"}')
    assert (bare.refresh_token, bare.expires_at, bare.id_token, bare.claims, bare.name) == (None,) * 5
    assert (bare.scope, bare.leniencies, bare.token_type) == ([], [], "Bearer")


def test_tokens_are_read_only_and_show_no_secrets() -> None:
    tokens: Any = aw.oauth.Tokens.from_json(DOCUMENT)
    for name in [*DOCUMENT, "authorization", "other"]:
        with pytest.raises(AttributeError):
            setattr(tokens, name, None)
    tokens.scope.append("admin")
    assert tokens.scope == ["openid", "email"]
    assert tokens.claims is tokens.claims
    tokens.claims["sub"] = "mallory"
    assert json.loads(tokens.to_json())["claims"]["sub"] == "alice"
    for shown in (repr(tokens), str(tokens), f"{tokens}"):
        assert "openid email" in shown
        assert not any(secret in shown for secret in ("access-token", "refresh-token", "an.id.token", "alice"))
    for way in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            way(tokens)
    with pytest.raises(TypeError):
        aw.oauth.Tokens()  # type: ignore[misc]


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ("{}", "access_token"),
        ({"access_token": "a", "expires_at": "soon"}, "expires_at"),
        ({"access_token": "a", "refresh_token": "line\nfeed"}, "refresh_token"),
        ({"access_token": b"a"}, "access_token"),
        (5, "text"),
        (b"\xff", "text"),
    ],
)
def test_documents_that_are_none(document: Any, field: str) -> None:
    with pytest.raises(aw.AuthwrightError) as raised:
        aw.oauth.Tokens.from_json(document)
    assert raised.value.field == field


def test_a_login_shows_no_secrets() -> None:
    begun: Any = web().begin_login(return_to="/inbox")
    assert begun.url.startswith(f"{URL}/authorize?")
    assert begun.transaction in begun.cookie
    for attribute in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/", "__Host-"):
        assert attribute in begun.cookie
    assert repr(begun) == "<authwright.oauth.Login>"
    with pytest.raises(AttributeError):
        begun.url = "https://evil.example"


def test_a_client_shows_no_secrets() -> None:
    for client in (web(client_secret="s3cret"), aw.oauth.AsyncClient(URL, client_id="web", client_secret="s3cret")):
        assert "s3cret" not in repr(client)
        assert '"web"' in repr(client)
    assert repr(aw.oauth.AsyncClient(URL, client_id="web")) == f'<authwright.oauth.AsyncClient "web" at {URL}>'
    client = aw.oauth.Client(URL, client_id="web")
    assert (client.issuer, client.client_id) == (URL, "web")
    assert client.remote_keys is not None
    assert client.remote_keys.issuer == URL
    assert web().remote_keys is None
    http = aw.HttpClient(proxy="none")
    assert aw.oauth.Client(URL, client_id="web", http=http).http is http


@pytest.mark.parametrize("make", [aw.oauth.Client, aw.oauth.AsyncClient])
@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({}, "client_id"),
        ({"client_id": 5}, "client_id"),
        ({"client_id": None}, "client_id"),
        ({"clientid": "web"}, "clientid"),
        ({"client_id": "web", "redirect_uri": "https://app.example/"}, "seal_keys"),
        ({"client_id": "web", "seal_keys": "secret"}, "seal_keys"),
        ({"client_id": "web", "seal_keys": 5}, "seal_keys"),
        ({"client_id": "web", "seal_keys": [SEAL_KEY, None]}, "seal_keys"),
        ({"client_id": "web", "seal_keys": aw.Key.from_secret(b"short")}, "seal_keys"),
        ({"client_id": "web", "client_key": "key"}, "client_key"),
        ({"client_id": "web", "redirect_uri": "/callback", "seal_keys": SEAL_KEY}, "redirect_uri"),
        ({"client_id": "web", "response_type": "token"}, "response_type"),
        ({"client_id": "web", "timeout": 0.5}, "timeout"),
        ({"client_id": "web", "token_endpoint_auth_method": "magic"}, "token_endpoint_auth_method"),
    ],
)
def test_wrong_options(make: Any, options: dict[str, Any], field: str) -> None:
    with pytest.raises(aw.AuthwrightError) as raised:
        make(URL, **options)
    assert raised.value.field == field


def test_wrong_clients_and_issuers() -> None:
    make: Any = aw.oauth.Client
    awaited: Any = aw.oauth.AsyncClient
    for call, cls, field in [
        (lambda: make("id.example", client_id="web"), aw.UrlRefusedError, "issuer"),
        (lambda: make(5, client_id="web"), aw.InvalidArgumentError, "issuer"),
        (lambda: make(client_id="web"), aw.InvalidArgumentError, "issuer"),
        (lambda: make(URL, client_id="web", http="http"), aw.InvalidArgumentError, "http"),
        (lambda: make(provider="gogle", client_id="web"), aw.InvalidArgumentError, "provider"),
        (lambda: awaited(URL, client_id="web", client=object()), aw.InvalidArgumentError, "client"),
        (lambda: awaited(URL, client_id="web", http=aw.HttpClient()), aw.InvalidArgumentError, "http"),
    ]:
        with pytest.raises(cls) as raised:
            call()
        assert raised.value.field == field
    assert aw.oauth.Client(provider="google", client_id="web").issuer == "https://accounts.google.com"


def test_wrong_arguments() -> None:
    client: Any = web()
    tokens = aw.oauth.Tokens.from_json(DOCUMENT)
    awaited: Any = aw.oauth.AsyncClient(
        client_id="web", redirect_uri="https://app.example/callback", seal_keys=SEAL_KEY, **ENDPOINTS
    )

    def twice(call: Any) -> Any:
        yield lambda: call(client)
        yield lambda: asyncio.run(call(awaited))

    for call, cls, field in [
        (lambda one: one.begin_login(retrun_to="/"), aw.UnknownOptionError, "retrun_to"),
        (lambda one: one.begin_login(return_to="https://evil.example/"), aw.InvalidArgumentError, "return_to"),
        (lambda one: one.begin_login(return_to="//evil.example/"), aw.InvalidArgumentError, "return_to"),
        (lambda one: one.begin_login(scope=5), aw.InvalidArgumentError, "scope"),
        (lambda one: one.begin_login(parameters={"state": "mine"}), aw.InvalidArgumentError, "parameters"),
        (lambda one: one.begin_login(cookies=5), aw.InvalidArgumentError, "cookies"),
        (lambda one: one.begin_login(timeout=-1), aw.InvalidArgumentError, "timeout"),
        (lambda one: one.finish_login("transaction"), aw.InvalidArgumentError, "callback"),
        (lambda one: one.finish_login("transaction", 5), aw.InvalidArgumentError, "callback"),
        (lambda one: one.finish_login("t", "?state=s", cookies="c"), aw.InvalidArgumentError, "cookies"),
        (lambda one: one.finish_login("transaction", "state=s&code=c"), aw.TransactionInvalidError, None),
        (lambda one: one.finish_login("transaction", "code=c"), aw.CallbackInvalidError, "state"),
        (lambda one: one.finish_login("transaction", b"state=\xff&code=c"), aw.TransactionInvalidError, None),
        (lambda one: one.finish_login("transaction", "\udcff"), aw.CallbackInvalidError, "state"),
        (lambda one: one.finish_login(callback="state=s&code=c"), aw.TransactionInvalidError, None),
        (lambda one: one.refresh("tokens"), aw.InvalidArgumentError, "tokens"),
        (lambda one: one.refresh(tokens, scope=5), aw.InvalidArgumentError, "scope"),
        (lambda one: one.refresh(tokens, scop="a"), aw.UnknownOptionError, "scop"),
        (lambda one: one.userinfo(None), aw.InvalidArgumentError, "tokens"),
        (lambda one: one.revoke({}), aw.InvalidArgumentError, "tokens"),
        (lambda one: one.revoke(tokens), aw.EndpointMissingError, "revocation_endpoint"),
        (lambda one: one.logout_url(tokens), aw.EndpointMissingError, "end_session_endpoint"),
        (lambda one: one.logout_url(tokens, id_token_hint="t"), aw.InvalidArgumentError, "id_token_hint"),
        (lambda one: one.logout_url(stat="s"), aw.UnknownOptionError, "stat"),
        (lambda one: one.verify_logout_token(5), aw.InvalidArgumentError, "token"),
    ]:
        for attempt in twice(call):
            with pytest.raises(cls) as raised:
                attempt()
            if field is not None:
                assert raised.value.field == field


def test_logout_urls() -> None:
    end = f"{URL}/logout"
    tokens = aw.oauth.Tokens.from_json(DOCUMENT)
    client = web(end_session_endpoint=end, post_logout_redirect_uri="https://app.example/bye")
    bye = "post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye"
    assert client.logout_url() == f"{end}?client_id=web&{bye}"
    url = client.logout_url(tokens, state="s")
    assert url == client.logout_url(state="s", id_token_hint="an.id.token")
    assert "id_token_hint=an.id.token" in url
    without = aw.oauth.Tokens.from_json('{"access_token": "a"}')
    assert client.logout_url(without) == client.logout_url()


def test_a_policys_profile(key: aw.Key) -> None:
    signer = aw.Signer(key, issuer=URL, audience=["web", "other"], lifetime=60)
    token = signer.sign({"sub": "alice", "azp": "other"})
    aw.Verifier(key, issuer=URL, audience="web").verify(token)
    with pytest.raises(aw.ClaimMismatchError) as raised:
        aw.Verifier(key, issuer=URL, audience="web", profile="id_token").verify(token)
    assert raised.value.field == "azp"
    with pytest.raises(aw.InvalidArgumentError):
        aw.Verifier(key, issuer=URL, audience="web", profile="access_token")  # type: ignore[arg-type]
