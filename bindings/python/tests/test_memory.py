"""Memory stays flat, whatever the calls return."""

import asyncio
import gc
import pathlib
import sys
from collections.abc import Callable
from typing import Any

import pytest
from conftest import NOW
from host_stores import AsyncDictStore, DictStore
from issuer import Issuer
from logins import SEAL_KEY, clients, log_in, of, over

import authwright as aw

pytestmark = pytest.mark.skipif(not pathlib.Path("/proc/self/statm").exists(), reason="needs /proc")


def resident() -> int:
    """The process's resident memory, in KiB."""
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * 4


def fails(call: Callable[[], object]) -> None:
    try:
        call()
    except aw.AuthwrightError:
        return
    raise AssertionError("an error was expected")


def test_flat(secret: aw.Key, key: aw.Key) -> None:
    signer = aw.Signer(secret, lifetime=60)
    reader = aw.Verifier(secret)
    rich = {"s": "text", "é": "ü€🦀\n", "list": [1, 2.5, None, {"a": [True, 2**70]}], "u" * 40: {}, "exp": NOW + 60}
    signer_of_rich = aw.Signer(secret)
    text = signer_of_rich.sign(rich, NOW)
    jwk = key.to_jwk(private=True)
    bad = {"list": [1, {"deep": object()}]}
    client = aw.oauth.Client(
        client_id="web",
        redirect_uri="https://app.example/callback",
        authorization_endpoint="https://id.example/authorize",
        token_endpoint="https://id.example/token",
        seal_keys=secret,
    )
    tokens = '{"access_token": "a", "refresh_token": "r", "claims": {"sub": "alice", "list": [1, 2]}, "scope": ["a"]}'
    options: Any = {"prefix": "acme", "environment": "live", "peppers": SEAL_KEY, "cache_seconds": 1}
    api_keys, own = (aw.ApiKeys(store, **options) for store in ("memory:", DictStore()))
    secrets = [keys.issue("alice", metadata={"a": [1]}).secret for keys in (api_keys, own)]

    class Raising(DictStore):
        def put_if(self, _key: str, _expected: int | None, _record: aw.Record) -> bool:
            raise OSError

    raising = aw.ApiKeys(Raising(), **options)
    jobs: list[Callable[[], object]] = [
        lambda: api_keys.verify(secrets[0]).metadata,
        lambda: own.verify(secrets[1]).metadata,
        lambda: own.list("alice").keys,
        lambda: fails(lambda: raising.issue("alice")),
        lambda: fails(lambda: api_keys.verify("no key")),
        lambda: fails(lambda: api_keys.issue("alice", metadata=bad)),
        lambda: aw.ApiKeys("memory:", **options).issue("alice", metadata={"a": [1]}).metadata,
        lambda: aw.ApiKeys(DictStore(), **options).issue("alice").scopes,
        lambda: aw.Record(5, "value", "owner").value,
        lambda: client.begin_login(return_to="/", parameters={"a": "b"}, cookies="a=b").stale_cookies,
        lambda: fails(lambda: client.finish_login(client.begin_login().transaction, "state=s&code=c")),
        lambda: fails(lambda: client.refresh(aw.oauth.Tokens.from_json('{"access_token": "a"}'))),
        lambda: aw.oauth.Tokens.from_json(aw.oauth.Tokens.from_json(tokens).to_json()).claims,
        lambda: client.token_manager(aw.oauth.Tokens.from_json(tokens), on_tokens=print).tokens().scope,
        lambda: reader.verify(text, NOW).claims,
        lambda: reader.verify(bytearray(text.encode()), NOW).header,
        lambda: signer_of_rich.sign(rich, NOW),
        lambda: fails(lambda: signer.sign(bad, NOW)),
        lambda: fails(lambda: reader.verify(text, NOW + 1000)),
        lambda: fails(lambda: reader.verify("a.b.c", NOW)),
        lambda: fails(lambda: reader.verify(5, NOW)),  # type: ignore[arg-type]
        lambda: aw.dangerous_decode(text).claims,
        lambda: aw.Verifier(secret, issuer=["a", "b"], audience="c"),
        lambda: aw.Key.from_jwk(jwk).to_pem(private=True),
        lambda: aw.KeySet.from_json({"keys": [jwk, {"kty": "x"}]}).rejected,
        lambda: aw.jws.verify(aw.jws.sign(b"payload", secret), secret).payload,
    ]
    for job in jobs:
        for _ in range(300):
            job()
    for job in jobs:
        grown = []
        for _ in range(3):
            gc.collect()
            before, objects = resident(), len(gc.get_objects())
            for _ in range(3000):
                job()
            gc.collect()
            grown.append((resident() - before, len(gc.get_objects()) - objects))
        # An allocator may take a page now and then; a leak takes them every time.
        assert min(memory for memory, _ in grown) < 30, (job, grown)
        assert min(objects for _, objects in grown) < 10, (job, grown)


def test_flat_while_a_store_is_awaited() -> None:
    """Keys that are issued, also where the store raises, and whose callers are cancelled."""
    options: Any = {"prefix": "acme", "environment": "live", "peppers": SEAL_KEY}

    class Raising(AsyncDictStore):
        async def put_if(self, _key: str, _expected: int | None, _record: aw.Record) -> bool:
            await asyncio.sleep(0)
            raise OSError

    async def job() -> None:
        keys, raising = (aw.AsyncApiKeys(store, **options) for store in (AsyncDictStore(), Raising()))
        issued = await keys.issue("alice")
        await keys.verify(issued.secret)
        ends = await asyncio.gather(*(raising.issue("alice") for _ in range(3)), return_exceptions=True)
        assert {type(end) for end in ends} == {aw.StoreUncertainError}
        cancelled = asyncio.create_task(raising.issue("alice"))
        await asyncio.sleep(0)
        cancelled.cancel()

    for _ in range(60):
        asyncio.run(job())
    grown = []
    for _ in range(3):
        gc.collect()
        before, objects = resident(), len(gc.get_objects())
        for _ in range(150):
            asyncio.run(job())
        gc.collect()
        grown.append((resident() - before, len(gc.get_objects()) - objects))
    assert min(memory for memory, _ in grown) < 100, grown
    assert min(objects for _, objects in grown) < 20, grown


def test_flat_while_keys_are_fetched(issuer: Issuer) -> None:
    """New sets that fetch, in vain too, and are waited for."""
    token = issuer.token()

    def blocking() -> None:
        aw.Verifier.discover(issuer.url, audience="api").verify_fetching(token)
        issuer.requests.clear()

    async def awaited(stray: str = "") -> None:
        verifier = aw.AsyncVerifier.discover(issuer.url + stray, audience="api")
        ends = await asyncio.gather(*(verifier.verify_fetching(token) for _ in range(5)), return_exceptions=True)
        assert all(isinstance(end, aw.KeysNeededError if stray else aw.Token) for end in ends)
        cancelled = asyncio.create_task(aw.AsyncVerifier.discover(issuer.url).verify_fetching(token))
        await asyncio.sleep(0)
        cancelled.cancel()
        issuer.requests.clear()

    aw.on_event(lambda _: None)
    jobs = [blocking, lambda: asyncio.run(awaited()), lambda: asyncio.run(awaited("/stray"))]
    try:
        for job in jobs:
            for _ in range(40):
                job()
        for job in jobs:
            grown = []
            for _ in range(3):
                gc.collect()
                before, objects = resident(), len(gc.get_objects())
                for _ in range(80):
                    job()
                gc.collect()
                grown.append((resident() - before, len(gc.get_objects()) - objects))
            # The issuer's threads come and go meanwhile.
            assert min(memory for memory, _ in grown) < 200, (job, grown)
            assert min(objects for _, objects in grown) < 80, (job, grown)
    finally:
        aw.on_event(None)


def test_flat_while_tokens_are_refreshed(quirks: Any) -> None:
    """New managers, whose hooks fail too, and whose callers are cancelled."""
    odd = quirks.new("refresh-kept")
    with clients("blocking") as make:
        tokens = over(log_in(make(**of(odd)), odd))
        blocking = make(**of(odd))

    def raises(_: aw.oauth.Tokens) -> None:
        raise OSError

    async def awaited() -> None:
        client = aw.oauth.AsyncClient(**of(odd), seal_keys=SEAL_KEY)
        manager = client.token_manager(tokens, on_tokens=lambda _: None)
        cancelled = asyncio.create_task(manager.tokens())
        others = [asyncio.create_task(manager.tokens()) for _ in range(3)]
        await asyncio.sleep(0)
        cancelled.cancel()
        await asyncio.gather(*others)
        ends = await asyncio.gather(client.token_manager(tokens, on_tokens=raises).tokens(), return_exceptions=True)
        assert isinstance(ends[0], aw.PersistFailedError)

    jobs = [
        lambda: blocking.token_manager(tokens, on_tokens=lambda _: None).tokens(),
        lambda: fails(blocking.token_manager(tokens, on_tokens=raises).tokens),
        lambda: asyncio.run(awaited()),
    ]
    for job in jobs:
        for _ in range(40):
            job()
    for job in jobs:
        grown = []
        for _ in range(3):
            gc.collect()
            before, objects = resident(), len(gc.get_objects())
            for _ in range(80):
                job()
            gc.collect()
            grown.append((resident() - before, len(gc.get_objects()) - objects))
        assert min(memory for memory, _ in grown) < 200, (job, grown)
        assert min(objects for _, objects in grown) < 40, (job, grown)


def test_references_are_balanced(secret: aw.Key) -> None:
    signer, reader = aw.Signer(secret, lifetime=60), aw.Verifier(secret)
    value = object()
    inner = {"inner": ["a string of its own", 2.5]}
    watched = [inner, inner["inner"], inner["inner"][0], value, signer, reader, None, True]
    before = [sys.getrefcount(thing) for thing in watched]
    for _ in range(1000):
        reader.verify(signer.sign({"claim": inner, "none": None, "true": True}, NOW), NOW)
        fails(lambda: signer.sign({"claim": inner, "bad": value}, NOW))
    after = [sys.getrefcount(thing) for thing in watched]
    assert all(abs(left - right) < 20 for left, right in zip(before, after, strict=True)), (before, after)
