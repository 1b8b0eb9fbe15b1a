"""What a type checker must accept, and what it must refuse: read by mypy --strict, never run."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, assert_type

import aiohttp
import httpx
from host_stores import AsyncDictStore, DictStore

import authwright as aw
from authwright.stores import AsyncHostStore, HostStore

key = aw.Key.generate("ES256", kid="k", bits=None)
assert_type(key, aw.Key)
assert_type(aw.Key.from_pem(b"pem", alg="RS256", kid="k", password="secret"), aw.Key)
assert_type(aw.Key.from_pem("pem", password=b"secret"), aw.Key)
assert_type(aw.Key.from_der(memoryview(b"der")), aw.Key)
assert_type(aw.Key.from_jwk({"kty": "oct"}), aw.Key)
assert_type(aw.Key.from_jwk('{"kty": "oct"}'), aw.Key)
assert_type(aw.Key.from_secret(bytearray(32), alg="HS256"), aw.Key)
assert_type(key.kid, str | None)
assert_type(key.algorithm, str | None)
assert_type(key.is_private, bool)
assert_type(key.to_jwk(private=True), dict[str, Any])
assert_type(key.to_pem(), str)
assert_type(key.to_der(True), bytes)
assert_type(key.thumbprint(), str)

keys = aw.KeySet([key, key.public_key()])
assert_type(aw.KeySet.from_json({"keys": []}), aw.KeySet)
assert_type(iter(keys), Iterator[aw.Key])
assert_type(len(keys), int)
assert_type(keys.rejected, list[tuple[int, str | None, aw.AuthwrightError]])

signer = aw.Signer(
    key, issuer="https://id.example", audience=["a", "b"], lifetime=timedelta(minutes=5), headers={"n": 1}
)
token = signer.sign({"sub": "alice", "exp": datetime.now(UTC)}, now=1_800_000_000)
assert_type(token, str)
prepared = signer.prepare({}, datetime.now(UTC))
assert_type(prepared, aw.Prepared)
assert_type(prepared.signing_input, bytes)
assert_type(signer.finish(prepared, b"signature", der=True), str)

verifier = aw.Verifier(
    keys, issuer=["a"], audience="b", leeway=timedelta(seconds=5), required={"sub"}, compat=["string_dates"]
)
assert_type(aw.Verifier.from_policy(key, {"issuer": "a"}), aw.Verifier)
assert_type(aw.Verifier.from_policy(key, b"{}"), aw.Verifier)
verified = verifier.verify(b"token", now=1.5)
assert_type(verified, aw.Token)
assert_type(verified.claims, dict[str, Any])
assert_type(verified.header, dict[str, Any])
assert_type(aw.dangerous_decode(token), aw.UnverifiedToken)

remote = aw.RemoteKeySet(issuer="https://id.example", cooldown=timedelta(seconds=5), http=aw.HttpClient(ca=b"pem"))
assert_type(aw.Verifier.discover("https://id.example", http=remote.http, audience={"a", "b"}), aw.Verifier)
assert_type(aw.Verifier(remote, audience="api").remote_keys, aw.RemoteKeySet | None)
assert_type(verifier.verify_fetching(token, now=1.5, timeout=timedelta(seconds=5)), aw.Token)
assert_type(remote.key_set(), aw.KeySet)
assert_type(remote.export_state(key), str)
remote.import_state("state", [key])
with remote as same:
    assert_type(same, aw.RemoteKeySet)


async def awaits() -> None:
    async with httpx.AsyncClient() as client, aiohttp.ClientSession() as session:
        awaiting = aw.AsyncVerifier.discover("https://id.example", client=client, audience="api")
        assert_type(awaiting, aw.AsyncVerifier)
        assert_type(await awaiting.verify_fetching(token, timeout=0.5), aw.Token)
        assert_type(awaiting.verify(token).claims, dict[str, Any])
        aw.AsyncVerifier(remote, client=session, leeway=5)
        aw.AsyncVerifier(keys, client=remote.http)
        aw.AsyncVerifier.from_policy(remote, b"{}", client=None)
        aw.AsyncVerifier(remote, client=httpx.Client())  # type: ignore[arg-type]
        aw.AsyncVerifier(remote, audiance="api")  # type: ignore[call-arg]
        aw.AsyncVerifier.discover(remote)  # type: ignore[arg-type]


oauth = aw.oauth.Client(
    "https://id.example",
    client_id="web",
    redirect_uri="https://app.example/callback",
    seal_keys=[key],
    client_key=key,
    http=aw.HttpClient(),
    scope=["openid", "email"],
    response_mode="form_post",
    leeway=timedelta(seconds=5),
    user={"subject": "id"},
)
begun = oauth.begin_login(return_to="/", max_age=timedelta(minutes=5), parameters={"a": "b"}, cookies=None, timeout=0.5)
assert_type(begun, aw.oauth.Login)
assert_type(begun.stale_cookies, list[str])
tokens = oauth.finish_login(begun.transaction, b"callback")
assert_type(tokens, aw.oauth.Tokens)
assert_type(oauth.finish_login(cookies=None, callback="callback"), aw.oauth.Tokens)
assert_type(oauth.forget_login(b"cookies", "callback"), str | None)
assert_type(oauth.refresh(tokens, scope="openid"), aw.oauth.Tokens)
assert_type(oauth.userinfo(tokens).email_verified, bool | None)
assert_type(oauth.logout_url(tokens, state="s"), str)
assert_type(oauth.verify_logout_token("token"), aw.Token)
assert_type(oauth.token_manager(tokens, renew_before=60, on_tokens=print).tokens(force=True), aw.oauth.Tokens)
assert_type(oauth.remote_keys, aw.RemoteKeySet | None)
assert_type(tokens.claims, dict[str, Any] | None)
assert_type(tokens.expires_at, int | None)
assert_type(aw.oauth.Tokens.from_json(tokens.to_json()), aw.oauth.Tokens)
aw.Verifier(remote, audience="web", profile="id_token")


async def keep(tokens: aw.oauth.Tokens) -> None: ...


async def logs_in() -> None:
    async with httpx.AsyncClient() as client:
        awaiting = aw.oauth.AsyncClient("https://id.example", client=client, client_id="web")
        assert_type(await awaiting.begin_login(prompt="consent"), aw.oauth.Login)
        assert_type(await awaiting.finish_login(cookies="c", callback=b"callback"), aw.oauth.Tokens)
        assert_type(await awaiting.refresh(tokens), aw.oauth.Tokens)
        assert_type(await awaiting.userinfo(tokens), aw.oauth.User)
        manager = awaiting.token_manager(tokens, on_tokens=keep)
        assert_type(manager, aw.oauth.AsyncTokenManager)
        assert_type(await manager.tokens(timeout=timedelta(seconds=1)), aw.oauth.Tokens)
        assert_type(manager.current, aw.oauth.Tokens)
        aw.oauth.AsyncClient("https://id.example", clientid="web")  # type: ignore[call-arg]
        await awaiting.begin_login(retrun_to="/")  # type: ignore[call-arg]
        await awaiting.finish_login("transaction", "callback", cookies="c")  # type: ignore[call-overload]


aw.oauth.Client("https://id.example", clientid="web")  # type: ignore[call-arg]
aw.oauth.Client("https://id.example", client_id="web", response_type="token")  # type: ignore[arg-type]
oauth.finish_login("transaction", "callback", cookies="c")  # type: ignore[call-overload]
oauth.userinfo("token")  # type: ignore[arg-type]
tokens.access_token = ""  # type: ignore[misc]


own: HostStore = DictStore()
own_async: AsyncHostStore = AsyncDictStore()
api_keys = aw.ApiKeys(
    "sqlite:keys.db", prefix="acme", environment="live", peppers=[b"pepper", key], last_used_every=timedelta(hours=1)
)
issued = api_keys.issue("billing", scopes=["a"], metadata={"n": 1}, expires_in=timedelta(days=90), timeout=0.5)
assert_type(issued, aw.IssuedKey)
assert_type(issued.secret, str)
assert_type(issued.expires_at, int | None)
assert_type(api_keys.verify(issued.secret, {"a"}, now=datetime.now(UTC)), aw.ApiKey)
assert_type(api_keys.verify(b"key").metadata, dict[str, Any])
assert_type(api_keys.list("billing", after=None, limit=5).keys, list[aw.ApiKey])
assert_type(api_keys.rotate(issued.id, overlap=timedelta(days=1)), aw.IssuedKey)
assert_type(api_keys.revoke(issued.id), aw.ApiKey)
assert_type(api_keys.revoke_all("billing"), int)
assert_type(api_keys.import_hash(sha256="0", owner="o"), aw.ApiKey)
assert_type(api_keys.is_well_formed(b"key"), bool)
assert_type(aw.check_store(DictStore(), collects_by_itself=True).passed, bool)
assert_type(aw.copy_store("sqlite:keys.db", own, timeout=timedelta(minutes=5)), int)
aw.copy_store(aw.Store("sqlite:keys.db"), aw.Store("memory:"))
aw.copy_store(own, "memory:")  # type: ignore[arg-type]
aw.copy_store("sqlite:keys.db", own_async)  # type: ignore[arg-type]
assert_type(aw.Record(1, "v").owner, str | None)
aw.ApiKeys(DictStore(), prefix="acme", environment="live", peppers=key)
aw.ApiKeys(aw.Store("memory:", max_records=5), prefix="acme", environment="live", peppers="pepper")  # type: ignore[arg-type]
aw.ApiKeys("memory:", prefix="acme", environment="live", peppers={b"pepper"})  # type: ignore[arg-type]
aw.ApiKeys(AsyncDictStore(), prefix="acme", environment="live", peppers=key)  # type: ignore[arg-type]
aw.ApiKeys("memory:", prefix="acme", peppers=key)  # type: ignore[call-arg]
aw.ApiKeys("memory:", prefix="acme", environment="live")  # type: ignore[call-arg]
aw.Store("memory:", max_record=5)  # type: ignore[call-arg]
api_keys.issue("billing", expires_in=None)  # type: ignore[arg-type]
api_keys.verify("key", ("a" for _ in "a"))  # type: ignore[arg-type]
api_keys.issue("billing", scope="a")  # type: ignore[call-arg]
print(api_keys.verify("key").secret)  # type: ignore[attr-defined]


async def checks_keys() -> None:
    async with aw.AsyncApiKeys(own_async, prefix="acme", environment="live", peppers=b"pepper") as awaiting:
        assert_type(await awaiting.issue("billing", scopes="a"), aw.IssuedKey)
        assert_type(await awaiting.verify("key", ["a"], timeout=timedelta(seconds=1)), aw.ApiKey)
        assert_type(await awaiting.list("billing"), aw.ApiKeyPage)
        assert_type(await aw.check_async_store(AsyncDictStore(), timeout=5), aw.StoreReport)
        assert_type(await aw.sweep_async_store(own_async, timeout=5), int)
        await aw.sweep_async_store(own)  # type: ignore[arg-type]
        await awaiting.verify("key", None)  # type: ignore[arg-type]
        aw.AsyncApiKeys(own, prefix="acme", environment="live", peppers=key)  # type: ignore[arg-type]
        await awaiting.rotate("id", overlap="1")  # type: ignore[arg-type]


def told(event: dict[str, Any]) -> None: ...


aw.on_event(told)
aw.on_event(print)
aw.on_event(None)
aw.on_event("print")  # type: ignore[arg-type]
aw.RemoteKeySet(isuer="https://id.example")  # type: ignore[call-arg]
aw.HttpClient(timeout=0.5)  # type: ignore[arg-type]

assert_type(aw.jws.sign(b"payload", key, detached=True, b64=False, headers={"a": 1}), str)
assert_type(aw.jws.verify(token, keys, algorithms=["ES256"], payload=b"payload"), aw.jws.Verified)
assert_type(aw.jws.verify(token, key).payload, bytes)

try:
    verifier.verify(token)
except aw.TokenExpiredError as error:
    assert_type(error.code, str)
    assert_type(error.number, int)
    assert_type(error.field, str | None)
    assert_type(error.message, str)
    assert_type(error.http_status, int | None)
    assert_type(error.provider_error_description, str | None)
except (aw.AuthwrightError, ValueError):
    pass


def takes_a_verified_token(_: aw.Token) -> None: ...


# The mistakes that types are there to find. mypy reports an ignore that is not needed.
takes_a_verified_token(aw.dangerous_decode(token))  # type: ignore[arg-type]
aw.Verifier(key, audiance="api")  # type: ignore[call-arg]
aw.Verifier(key, issuer=None)  # type: ignore[arg-type]
aw.Verifier("key")  # type: ignore[arg-type]
aw.Signer(keys)  # type: ignore[arg-type]
aw.Signer(key, lifetime=0.5)  # type: ignore[arg-type]
signer.sign([("sub", "alice")])  # type: ignore[arg-type]
verifier.verify(5)  # type: ignore[arg-type]
verified.claims = {}  # type: ignore[misc]
