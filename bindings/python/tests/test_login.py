"""Logins at a real provider: npm oidc-provider, and some with quirks."""

import json
import pathlib
import time
import urllib.parse
from datetime import timedelta
from typing import Any

import pytest
from logins import OFFLINE, SEAL_KEY, Awaited, Make, cookie_of, log_in, of

import authwright as aw

METHODS = ["none", "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"]
MTLS = ["tls_client_auth", "self_signed_tls_client_auth"]


def kind(client: Any) -> str:
    """Which transport it has."""
    return type(client.twin._transport).__name__ if isinstance(client, Awaited) else "blocking"


def test_a_whole_life(make: Make, provider: Any) -> None:
    provider.reset()
    client = make(**of(provider.clients["web"]))
    assert (client.issuer, client.client_id) == (provider.issuer, "web")
    before = time.time()
    begun = client.begin_login(**OFFLINE, return_to="/inbox?folder=1", login_hint="alice")
    assert isinstance(begun, aw.oauth.Login)
    tokens = client.finish_login(begun.transaction, provider.authorize(begun.url)["callback"])
    assert tokens.claims["sub"] == "alice"
    assert tokens.claims is tokens.claims
    assert (tokens.token_type, tokens.authorization) == ("Bearer", f"Bearer {tokens.access_token}")
    assert sorted(tokens.scope) == sorted(OFFLINE["scope"].split())
    assert before < tokens.expires_at <= time.time() + 3600
    assert (tokens.return_to, tokens.clear_cookie, tokens.leniencies) == ("/inbox?folder=1", None, [])
    assert tokens.id_token.count(".") == 2

    user = client.userinfo(tokens)
    assert (user.subject, user.email, user.email_verified) == ("alice", "alice@example.com", True)
    assert user.name == provider.facts["accounts"]["alice"]["name"]
    assert json.loads(user.to_json())["claims"] == user.claims

    # The refresh token rotates, and what the answer leaves out stays.
    fresh = client.refresh(tokens)
    assert fresh.refresh_token not in (None, tokens.refresh_token)
    assert fresh.access_token != tokens.access_token
    assert fresh.claims["sub"] == "alice"
    less = client.refresh(fresh, scope=["openid", "email"])
    assert sorted(less.scope) == ["email", "openid"]

    client.revoke(less)
    with pytest.raises(aw.GrantRefusedError) as refused:
        client.refresh(less)
    assert (refused.value.provider_error, refused.value.http_status) == ("invalid_grant", 400)
    with pytest.raises(aw.ResponseStatusError):
        client.userinfo(less)

    url = client.logout_url(less, state="bye")
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
    assert query["id_token_hint"] == less.id_token
    assert provider.logout(url)["callback"] == f"{query['post_logout_redirect_uri']}?state=bye"


def test_by_cookies(make: Make, provider: Any) -> None:
    """Two tabs at once: each finds its own login among the cookies."""
    client = make(**of(provider.clients["web"]))
    first = client.begin_login(return_to="/first", cookies=None)
    jar = f"theme=dark; {cookie_of(first.cookie)}"
    second = client.begin_login(return_to="/second", cookies=jar)
    jar = f"{jar}; {cookie_of(second.cookie)}"
    assert second.stale_cookies == []
    for begun, path in [(second, "/second"), (first, "/first")]:
        callback = provider.authorize(begun.url)["callback"]
        tokens = client.finish_login(cookies=jar, callback=callback)
        assert tokens.return_to == path
        name = begun.cookie.partition("=")[0]
        assert tokens.clear_cookie.startswith(f"{name}=;")
        assert "Max-Age=0" in tokens.clear_cookie
    for cookies in (None, "", "theme=dark", b"theme=\xff"):
        with pytest.raises(aw.TransactionInvalidError):
            client.finish_login(cookies=cookies, callback=callback)
    with pytest.raises(aw.TransactionInvalidError):
        client.finish_login(None, callback)
    # A login that failed leaves its cookie behind.
    name = first.cookie.partition("=")[0]
    assert client.forget_login(jar, callback).startswith(f"{name}=;")
    for cookies, came in [(None, callback), ("", callback), (jar, "state=other"), (jar, b"\xff")]:
        assert client.forget_login(cookies, came) is None


def test_old_cookies_are_cleared_away(provider: Any) -> None:
    client = aw.oauth.Client(**of(provider.clients["web"]), seal_keys=[SEAL_KEY])
    jar: list[str] = []
    for _ in range(7):
        begun = client.begin_login(cookies="; ".join(jar))
        jar.append(cookie_of(begun.cookie))
    assert len(begun.stale_cookies) >= 1
    assert all("Max-Age=0" in stale for stale in begun.stale_cookies)


@pytest.mark.parametrize("shape", ["url", "path", "query", "bytes", "proxy"])
def test_a_callback_as_frameworks_have_it(provider: Any, shape: str) -> None:
    client = aw.oauth.Client(**of(provider.clients["web"]), seal_keys=SEAL_KEY)
    begun = client.begin_login()
    url = urllib.parse.urlsplit(provider.authorize(begun.url)["callback"])
    callback = {
        "url": url.geturl(),
        "path": f"{url.path}?{url.query}",
        "query": url.query,
        "bytes": url.query.encode(),
        "proxy": f"http://10.0.0.1:8080/inner?{url.query}",
    }[shape]
    assert client.finish_login(begun.transaction.encode(), callback).claims["sub"] == "alice"


def test_form_post(make: Make, provider: Any) -> None:
    client = make(**of(provider.clients["web"]), response_mode="form_post")
    begun = client.begin_login()
    assert "SameSite=None" in begun.cookie
    came = provider.authorize(begun.url)
    tokens = client.finish_login(cookies=cookie_of(begun.cookie), callback=came["form"].encode())
    assert tokens.claims["sub"] == "alice"


def test_hybrid(make: Make, provider: Any) -> None:
    client = make(**of(provider.clients["hybrid"]), response_mode="form_post")
    assert log_in(client, provider).claims["sub"] == "alice"


@pytest.mark.parametrize("method", METHODS)
def test_client_authentication(make: Make, provider: Any, method: str) -> None:
    client = make(**of(provider.clients[method]))
    tokens = log_in(client, provider)
    assert client.refresh(tokens).claims["sub"] == "alice"
    client.revoke(tokens)
    for request in provider.requests("token")[-2:]:
        assert "x-program" not in request["headers"]
        assert request["headers"]["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("method", MTLS)
def test_client_certificates(make: Make, provider: Any, method: str) -> None:
    facts = provider.clients[method]
    files = {
        "ca": provider.facts["ca"],
        "client_certificate": facts["client_certificate"],
        "client_key": facts["client_certificate_key"],
    }
    http = {name: pathlib.Path(path).read_bytes() for name, path in files.items()}
    client = make(**of(facts), http=http)
    if kind(client) in ("Httpx", "Aiohttp"):
        # Nobody knows what they would show.
        with pytest.raises(aw.TransportUnsupportedError):
            log_in(client, provider)
        return
    tokens = log_in(client, provider)
    assert client.refresh(tokens).refresh_token != tokens.refresh_token
    without = make(**of(facts), http={"ca": http["ca"]})
    with pytest.raises(aw.TransportUnsupportedError):
        without.refresh(tokens)


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_algorithms(provider: Any, alg: str) -> None:
    client = aw.oauth.Client(**of(provider.clients[alg]), seal_keys=SEAL_KEY)
    assert log_in(client, provider).claims["sub"] == "alice"


def test_signed_userinfo(make: Make, provider: Any) -> None:
    client = make(**of(provider.clients["signed_userinfo"]))
    assert client.userinfo(log_in(client, provider)).email == "alice@example.com"


def test_a_logout_token(make: Make, provider: Any) -> None:
    provider.reset()
    client = make(**of(provider.clients["backchannel_logout"]))
    begun = client.begin_login()
    tokens = client.finish_login(begun.transaction, provider.authorize(begun.url, session="tab")["callback"])
    provider.logout(client.logout_url(tokens), session="tab")
    for _ in range(100):
        if came := provider.logout_tokens():
            break
        time.sleep(0.05)
    token = client.verify_logout_token(came[0])
    assert isinstance(token, aw.Token)
    assert token.claims["sid"] == tokens.claims["sid"]
    # As a Verifier's policy, too; and it is no ID token.
    verifier = aw.Verifier(client.remote_keys, audience="backchannel_logout", profile="logout_token")
    assert verifier.verify(came[0]).claims["jti"] == token.claims["jti"]
    with pytest.raises(aw.AuthwrightError):
        verifier.verify(tokens.id_token)
    with pytest.raises(aw.AuthwrightError):
        client.verify_logout_token(tokens.id_token)


def test_the_user_says_no(make: Make, provider: Any) -> None:
    client = make(**of(provider.clients["web"]))
    begun = client.begin_login(prompt="consent")
    callback = provider.authorize(begun.url, deny="consent")["callback"]
    with pytest.raises(aw.AuthorizationRefusedError) as refused:
        client.finish_login(begun.transaction, callback)
    assert refused.value.provider_error == "access_denied"
    assert refused.value.provider_error_description
    assert refused.value.http_status is None


def test_begun_in_one_worker_and_finished_in_another(make: Make, provider: Any) -> None:
    """Worker A begins; the seal keys rotate; worker B finishes. Once the old key is gone, nobody does."""
    old, new = SEAL_KEY, aw.Key.from_secret(b"what the site seals with from now on")
    options = of(provider.clients["web"])
    begun = make(**options, seal_keys=[old]).begin_login(return_to="/")
    callback = provider.authorize(begun.url)["callback"]
    with pytest.raises(aw.TransactionInvalidError):
        make(**options, seal_keys=[new]).finish_login(begun.transaction, callback)
    assert make(**options, seal_keys=(new, old)).finish_login(begun.transaction, callback).return_to == "/"


def test_options_of_a_login(make: Make, quirks: Any) -> None:
    odd = quirks.new()
    client = make(**of(odd))
    begun = client.begin_login(
        scope={"openid", "email"},
        prompt="login",
        max_age=timedelta(minutes=5),
        acr_values=["silver", "gold"],
        ui_locales="eo",
        parameters={"audience": "api"},
        timeout=timedelta(seconds=5),
    )
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(begun.url).query))
    assert sorted(query["scope"].split()) == ["email", "openid"]
    said = {name: query[name] for name in ("prompt", "max_age", "acr_values", "ui_locales", "audience")}
    assert said == {
        "prompt": "login",
        "max_age": "300",
        "acr_values": "silver gold",
        "ui_locales": "eo",
        "audience": "api",
    }
    assert query["code_challenge_method"] == "S256"
    callback = odd.authorize(begun.url)["callback"]
    assert client.finish_login(begun.transaction, callback).claims["acr"] == "silver"


@pytest.mark.parametrize(
    ("behaviour", "cls"),
    [
        ("callback-iss-changed", aw.IssuerMismatchError),
        ("callback-state-changed", aw.StateMismatchError),
        ("callback-code-absent", aw.CallbackInvalidError),
        ("id-token-wrong-nonce", aw.ClaimMismatchError),
        ("id-token-absent", aw.IdTokenMissingError),
        ("token-error", aw.GrantRefusedError),
        ("token-redirect-307", aw.ResponseStatusError),
        ("metadata-pkce-plain", aw.PkceUnsupportedError),
        ("metadata-no-token", aw.EndpointMissingError),
    ],
)
def test_what_is_refused(make: Make, quirks: Any, behaviour: str, cls: type[aw.AuthwrightError]) -> None:
    odd = quirks.new(behaviour)
    with pytest.raises(cls) as raised:
        log_in(make(**of(odd)), odd)
    assert raised.value.code == cls.code
    assert odd.counts()["followed"] == 0


def test_a_code_is_sent_once(make: Make, quirks: Any) -> None:
    """Whatever becomes of it: the server hangs up, with the connection that was open before."""
    odd = quirks.new("token-closed")
    client = make(**of(odd))
    begun = client.begin_login()
    callback = odd.authorize(begun.url)["callback"]
    with pytest.raises(aw.TransportError):
        client.finish_login(begun.transaction, callback)
    assert odd.counts()["token"] == 1


def test_a_refresh_token_is_sent_once(make: Make, quirks: Any) -> None:
    odd = quirks.new()
    client = make(**of(odd))
    tokens = log_in(client, odd)
    odd.become("refresh-lost")
    with pytest.raises(aw.RefreshUncertainError) as uncertain:
        client.refresh(tokens)
    assert isinstance(uncertain.value.__cause__, aw.TransportError)
    assert odd.counts()["token"] == 2


def test_a_connection_that_the_server_has_closed_is_not_used(make: Make, quirks: Any) -> None:
    odd = quirks.new("jwks-then-closed")
    client = make(**of(odd))
    tokens = log_in(client, odd)
    # It was to stay open. No event loop runs meanwhile.
    time.sleep(0.2)
    assert client.refresh(tokens).access_token != tokens.access_token


def test_leniencies_are_reported(make: Make, quirks: Any) -> None:
    odd = quirks.new("token-expires-in-string")
    assert log_in(make(**of(odd)), odd).leniencies == ["expires_in_string"]
    with pytest.raises(aw.ResponseInvalidError):
        log_in(make(**of(odd), strict=True), odd)


def test_a_provider_without_id_tokens(make: Make, quirks: Any) -> None:
    odd = quirks.new("provider-github")
    client = make(**of(odd))
    tokens = log_in(client, odd, scope="read:user user:email", prompt="consent")
    assert (tokens.claims, tokens.id_token) == (None, None)
    user = client.userinfo(tokens)
    assert user.subject.isdigit()
    assert user.email_verified is True


def test_an_answer_that_takes_too_long(make: Make, quirks: Any) -> None:
    odd = quirks.new("metadata-silent")
    begun = time.monotonic()
    with pytest.raises(aw.AuthwrightError) as raised:
        make(**of(odd)).begin_login(timeout=0.3)
    assert raised.value.code == "ERR_DEADLINE"
    assert time.monotonic() - begun < 2


def test_the_event_loop_goes_on(quirks: Any) -> None:
    import asyncio

    odd = quirks.new("metadata-slow", ms=300)

    async def main() -> None:
        client = aw.oauth.AsyncClient(**of(odd), seal_keys=SEAL_KEY)
        beginning, turns = asyncio.create_task(client.begin_login()), 0
        while not beginning.done():
            await asyncio.sleep(0.01)
            turns += 1
        await beginning
        assert turns > 10

    asyncio.run(main())


def test_every_member_of_the_options_is_a_keyword() -> None:
    """The stubs name what the core knows: it says so itself when a name is wrong."""
    from authwright import _core

    stub = pathlib.Path(_core.__file__).with_name("_core.pyi").read_text()
    members = stub.partition("class _ClientOptions(TypedDict, total=False):\n")[2].partition("\n\n")[0]
    source = pathlib.Path(__file__).parents[3] / "core" / "src" / "oauth" / "client_options.rs"
    known = source.read_text().partition("const MEMBERS: &[&str] = &[")[2].partition("];")[0]
    names = {line.strip().partition(":")[0] for line in members.splitlines()}
    # The issuer is said without its name.
    assert names | {"issuer"} == {name.strip(' \n"') for name in known.split(",")} - {""}
