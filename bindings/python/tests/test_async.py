"""Keys of a live issuer, awaited: with httpx, aiohttp, and the built-in client in a thread."""

import asyncio
import contextlib
import gc
import ssl
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import aiohttp
import httpx
import issuer as issuers
import pytest
from issuer import METADATA, Issuer

import authwright as aw
from authwright import _driver

CLIENTS: dict[str, Callable[[], Any]] = {
    "built-in": aw.HttpClient,
    # What a program sets for its own requests, and must have no effect here.
    "httpx": lambda: httpx.AsyncClient(
        follow_redirects=True,
        timeout=0.001,
        auth=("user", "password"),
        headers={"Authorization": "Bearer secret", "If-None-Match": "*", "X-Program": "1"},
        cookies={"session": "secret"},
        params={"a": "b"},
        base_url="https://api.example",
    ),
    "aiohttp": lambda: aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=0.001),
        raise_for_status=True,
        headers={"Authorization": "Bearer secret", "If-None-Match": "*", "X-Program": "1"},
        cookies={"session": "secret"},
        cookie_jar=aiohttp.CookieJar(unsafe=True),
        middlewares=(None,),  # type: ignore[arg-type]
    ),
}


@contextlib.asynccontextmanager
async def opened(name: str) -> Any:
    client = CLIENTS[name]()
    try:
        yield client
    finally:
        if isinstance(client, aw.HttpClient):
            client.close()
        else:
            await (client.aclose() if name == "httpx" else client.close())


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def run(client: str, issuer: Issuer, work: Callable[[aw.AsyncVerifier], Awaitable[None]], **options: Any) -> None:
    """Runs `work` with a verifier of the issuer, and sees that nothing is left behind."""

    async def main() -> None:
        async with opened(client) as open_client:
            keys = aw.RemoteKeySet(issuer=issuer.url, **options)
            await work(aw.AsyncVerifier(keys, client=open_client, audience="api"))

    asyncio.run(main(), debug=True)
    gc.collect()


def test_an_issuers_url_is_enough(client: str, issuer: Issuer) -> None:
    async def main() -> None:
        async with opened(client) as open_client:
            verifier = aw.AsyncVerifier.discover(issuer.url, client=open_client, audience="api")
            token = issuer.token()
            with pytest.raises(aw.KeysNeededError):
                verifier.verify(token)
            assert issuer.requests == []
            assert (await verifier.verify_fetching(token)).claims["sub"] == "alice"
            assert verifier.verify(token).claims["sub"] == "alice"
            assert (await verifier.verify_fetching(token, now=time.time() + 300)).claims["sub"] == "alice"
            with pytest.raises(aw.TokenExpiredError):
                await verifier.verify_fetching(token, time.time() + 1000)
            assert verifier.remote_keys is not None
            assert verifier.remote_keys.issuer == issuer.url
            # The two kinds share the keys.
            assert aw.Verifier(verifier.remote_keys, audience="api").verify(token).claims["sub"] == "alice"

    asyncio.run(main())
    assert [path for path, _ in issuer.requests] == [METADATA, "/jwks"]


def test_a_request_is_sent_as_it_is(client: str, issuer: Issuer) -> None:
    async def work(verifier: aw.AsyncVerifier) -> None:
        await verifier.verify_fetching(issuer.token())

    run(client, issuer, work)
    assert [path for path, _ in issuer.requests] == [METADATA, "/jwks"]
    for _, headers in issuer.requests:
        assert headers.keys() == {"host", "accept", "user-agent", "accept-encoding"}
        assert headers["accept-encoding"] == "gzip"
        assert headers["user-agent"] == f"authwright/{aw.__version__}"


def test_one_fetch_for_a_hundred_tasks(client: str, issuer: Issuer) -> None:
    async def work(verifier: aw.AsyncVerifier) -> None:
        token, issuer.delay = issuer.token(), 0.2
        verified = await asyncio.gather(*(verifier.verify_fetching(token) for _ in range(100)))
        assert [one.claims["sub"] for one in verified] == ["alice"] * 100

    run(client, issuer, work)
    assert [path for path, _ in issuer.requests] == [METADATA, "/jwks"]


def test_one_failure_for_a_hundred_tasks(client: str, issuer: Issuer) -> None:
    issuer.delay, issuer.answer = 0.2, (503, {"Content-Type": "application/json"}, '{"error": "busy"}')

    async def work(verifier: aw.AsyncVerifier) -> None:
        token = issuer.token()
        ends = await asyncio.gather(*(verifier.verify_fetching(token) for _ in range(100)), return_exceptions=True)
        for end in ends:
            assert isinstance(end, aw.KeysNeededError)
            assert isinstance(end.__cause__, aw.ResponseStatusError)
            assert (end.__cause__.http_status, end.__cause__.provider_error) == (503, "busy")

    run(client, issuer, work)
    assert len(issuer.requests) == 1


def test_who_is_cancelled_leaves_the_others_whole(client: str, issuer: Issuer) -> None:
    async def work(verifier: aw.AsyncVerifier) -> None:
        token, issuer.delay = issuer.token(), 1
        leader = asyncio.create_task(verifier.verify_fetching(token))
        await asyncio.to_thread(issuer.wait_for, 1)
        others = [asyncio.create_task(verifier.verify_fetching(token)) for _ in range(10)]
        await asyncio.sleep(0.05)
        issuer.delay = 0
        begun = time.monotonic()
        leader.cancel()
        others[3].cancel()
        with pytest.raises(asyncio.CancelledError):
            await leader
        with pytest.raises(asyncio.CancelledError):
            await others.pop(3)
        verified = await asyncio.gather(*others)
        # Nobody waited for the first answer.
        assert time.monotonic() - begun < 0.7
        assert [one.claims["sub"] for one in verified] == ["alice"] * 9

    run(client, issuer, work)
    assert [path for path, _ in issuer.requests] == [METADATA, METADATA, "/jwks"]


def test_tasks_wait_for_a_thread(client: str, issuer: Issuer) -> None:
    async def work(verifier: aw.AsyncVerifier) -> None:
        token, issuer.delay = issuer.token(), 0.2
        assert verifier.remote_keys is not None
        thread = threading.Thread(target=verifier.remote_keys.refresh)
        thread.start()
        await asyncio.to_thread(issuer.wait_for, 1)
        verified = await asyncio.gather(*(verifier.verify_fetching(token) for _ in range(10)))
        assert [one.claims["sub"] for one in verified] == ["alice"] * 10
        thread.join()

    run(client, issuer, work)
    assert [path for path, _ in issuer.requests] == [METADATA, "/jwks"]


def test_threads_wait_for_a_task_and_take_over(client: str, issuer: Issuer) -> None:
    async def work(verifier: aw.AsyncVerifier) -> None:
        token, issuer.delay = issuer.token(), 1
        assert verifier.remote_keys is not None
        blocking = aw.Verifier(verifier.remote_keys, audience="api")
        leader = asyncio.create_task(verifier.verify_fetching(token))
        await asyncio.to_thread(issuer.wait_for, 1)
        waiting = asyncio.create_task(asyncio.to_thread(blocking.verify_fetching, token))
        await asyncio.sleep(0.1)
        issuer.delay = 0
        leader.cancel()
        assert (await waiting).claims["sub"] == "alice"

    run(client, issuer, work)


def test_the_loop_may_be_gone_when_the_keys_come(client: str, issuer: Issuer) -> None:
    keys = aw.RemoteKeySet(issuer=issuer.url)
    token, issuer.delay = issuer.token(), 0.3
    thread = threading.Thread(target=keys.refresh)
    thread.start()
    issuer.wait_for(1)

    async def main() -> None:
        async with opened(client) as open_client:
            verifier = aw.AsyncVerifier(keys, client=open_client, audience="api")
            waiting = asyncio.create_task(verifier.verify_fetching(token))
            await asyncio.sleep(0.05)
            assert not waiting.done()

    asyncio.run(main())
    # What it says to the loop that is closed reaches nobody, and harms nobody.
    thread.join()
    gc.collect()
    assert aw.Verifier(keys, audience="api").verify(token).claims["sub"] == "alice"


def test_the_loop_runs_meanwhile(client: str, issuer: Issuer) -> None:
    async def work(verifier: aw.AsyncVerifier) -> None:
        token, issuer.delay = issuer.token(), 0.2
        fetching = asyncio.create_task(verifier.verify_fetching(token))
        longest, before = 0.0, time.perf_counter()
        while not fetching.done():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            longest, before = max(longest, now - before), now
        assert (await fetching).claims["sub"] == "alice"
        assert longest < 0.15

    run(client, issuer, work)


def test_redirects_are_not_followed(client: str, issuer: Issuer) -> None:
    with issuers.running() as other:
        issuer.answer = (302, {"Location": f"{other.url}/jwks"}, "")

        async def work(verifier: aw.AsyncVerifier) -> None:
            with pytest.raises(aw.KeysNeededError) as raised:
                await verifier.verify_fetching(issuer.token())
            assert isinstance(raised.value.__cause__, aw.ResponseStatusError)
            assert raised.value.__cause__.http_status == 302

        run(client, issuer, work)
        assert (len(issuer.requests), other.requests) == (1, [])


def test_every_wait_ends(client: str, issuer: Issuer) -> None:
    issuer.delay = 2

    async def work(verifier: aw.AsyncVerifier) -> None:
        begun = time.monotonic()
        calls = (verifier.verify_fetching(issuer.token(), timeout=0.4) for _ in range(3))
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert time.monotonic() - begun < 1
        assert {type(end) for end in ends} <= {aw.KeysNeededError, aw.DeadlineError}

    run(client, issuer, work)


def test_refresh_and_close(client: str, issuer: Issuer) -> None:
    async def work(verifier: aw.AsyncVerifier) -> None:
        await verifier.refresh()
        assert verifier.verify(issuer.token()).claims["sub"] == "alice"
        with pytest.raises(aw.KeysNeededError):
            await verifier.refresh()
        assert verifier.remote_keys is not None
        verifier.remote_keys.close()
        assert (await verifier.verify_fetching(issuer.token())).claims["sub"] == "alice"
        issuer.rotate()
        with pytest.raises(aw.ClosedError):
            await verifier.verify_fetching(issuer.token())

    run(client, issuer, work)


def test_a_client_that_is_closed(client: str, issuer: Issuer) -> None:
    async def work(verifier: aw.AsyncVerifier) -> None:
        async with opened(client) as closed:
            other = aw.AsyncVerifier(aw.RemoteKeySet(issuer=issuer.url), client=closed, audience="api")
        # aiohttp closes what it closes in its own time.
        await asyncio.sleep(0)
        with pytest.raises((aw.KeysNeededError, aw.ClosedError)) as raised:
            await other.verify_fetching(issuer.token())
        error = raised.value.__cause__ or raised.value
        assert isinstance(error, aw.ClosedError if client == "built-in" else aw.TransportError)
        await verifier.verify_fetching(issuer.token())

    run(client, issuer, work)


def test_an_issuer_that_nobody_listens_for(client: str) -> None:
    with issuers.running() as gone:
        pass

    async def work(verifier: aw.AsyncVerifier) -> None:
        with pytest.raises(aw.KeysNeededError) as raised:
            await verifier.verify_fetching(gone.token())
        assert type(raised.value.__cause__) is aw.TransportError

    run(client, gone, work)


def test_headers_of_any_kind(client: str, issuer: Issuer) -> None:
    issuer.headers = {"X-Odd": "\xff\xfe", "Cache-Control": "max-age=60, x=\xe9"}

    async def work(verifier: aw.AsyncVerifier) -> None:
        assert (await verifier.verify_fetching(issuer.token())).claims["sub"] == "alice"

    run(client, issuer, work)


def test_events(client: str, issuer: Issuer) -> None:
    told: list[dict[str, Any]] = []
    aw.on_event(told.append)

    async def work(verifier: aw.AsyncVerifier) -> None:
        await asyncio.gather(*(verifier.verify_fetching(issuer.token()) for _ in range(10)))

    try:
        run(client, issuer, work)
    finally:
        aw.on_event(None)
    assert [event["event"] for event in told] == ["keys_refreshed"]


def test_fixed_keys(verifier: aw.Verifier, key: aw.Key, token: str) -> None:
    async def main() -> None:
        fixed = aw.AsyncVerifier(key.public_key(), issuer="https://id.example", audience="api")
        assert fixed.remote_keys is None
        assert (await fixed.verify_fetching(token, 1_800_000_000)).claims == verifier.verify(
            token, 1_800_000_000
        ).claims
        assert fixed.verify(token, now=1_800_000_000).claims["sub"] == "alice"
        await fixed.refresh()
        by_policy = aw.AsyncVerifier.from_policy(key, '{"audience": "api"}')
        assert (await by_policy.verify_fetching(token, 1_800_000_000)).claims["sub"] == "alice"

    asyncio.run(main())


def test_wrong_arguments(key: aw.Key) -> None:
    url = "https://id.example"
    make: Any = aw.AsyncVerifier
    for client in (object(), "httpx", 5, httpx.Client(), httpx.AsyncClient, Imitation()):
        with pytest.raises(aw.InvalidArgumentError, match=r"pass an httpx\.AsyncClient") as raised:
            make(key, client=client)
        assert raised.value.field == "client"
    for call, cls in [
        (lambda: make("key"), aw.InvalidArgumentError),
        (lambda: make(key, audiance="api"), aw.UnknownOptionError),
        (lambda: make.discover(url, issuer="https://other.example"), aw.InvalidArgumentError),
        (lambda: make.discover("id.example"), aw.UrlRefusedError),
        (lambda: make.from_policy(key, 5), aw.InvalidArgumentError),
    ]:
        with pytest.raises(cls):
            call()
    verifier = make(key)
    with pytest.raises(aw.InvalidArgumentError) as raised:
        asyncio.run(verifier.verify_fetching("a.b.c", timeout=0))
    assert raised.value.field == "timeout"
    assert repr(verifier) == "<authwright.AsyncVerifier>"


class Imitation:
    """Its name is not enough."""


Imitation.__name__ = "AsyncClient"


def test_a_subclass_of_a_client_is_one(issuer: Issuer) -> None:
    class Subclass(httpx.AsyncClient):
        pass

    async def main() -> None:
        async with Subclass() as client:
            await aw.AsyncVerifier.discover(issuer.url, client=client, audience="api").verify_fetching(issuer.token())

    asyncio.run(main())


def test_a_host_client_looks_at_no_address() -> None:
    request: Any = SimpleNamespace(public_only=True, seconds_left=1)

    async def main() -> None:
        async with httpx.AsyncClient() as client:
            outcome = await _driver.transport(client, None).outcome(request)
        assert isinstance(outcome, _driver.Outcome)

    asyncio.run(main())


async def pieces(*content: bytes) -> Any:
    for piece in content:
        yield piece


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "compress"])
def test_what_nobody_asked_for_is_not_decompressed(encoding: str) -> None:
    request: Any = SimpleNamespace(max_body_bytes=100)
    assert isinstance(asyncio.run(_driver.read(request, [encoding], pieces(b"x"))), _driver.Outcome)


def test_of_a_body_no_more_is_read_than_allowed() -> None:
    import gzip

    request: Any = SimpleNamespace(max_body_bytes=100)
    text = b"x" * 100
    packed = gzip.compress(text)

    def read(*content: bytes, encoding: str = "gzip") -> bytes | _driver.Outcome:
        return asyncio.run(_driver.read(request, [encoding], pieces(*content)))

    for good in [(packed,), (packed[:5], packed[5:]), tuple(bytes([byte]) for byte in packed)]:
        assert read(*good) == text
    assert read() == b""
    assert read(text, encoding="identity") == text
    for bad in [gzip.compress(text + b"x"), gzip.compress(b"x" * 10**7), packed[:-1], packed + b"x", b"no gzip"]:
        assert isinstance(read(bad), _driver.Outcome)
    assert isinstance(read(text, b"x", encoding=""), _driver.Outcome)


def test_what_a_server_writes_is_no_line_of_a_log() -> None:
    assert _driver.reason(ValueError("a\r\nb\udcff\x1b[0m")) == "ValueError: a??b??[0m"
    assert len(_driver.reason(ValueError("a" * 1000))) == 300


def test_errors_of_tls_are_told_from_others() -> None:
    untrusted = ssl.SSLCertVerificationError(1, "certificate verify failed")
    alert = ssl.SSLError(1, "alert")
    alert.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    broken = ssl.SSLError(1, "bad record")
    broken.reason = "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"
    ended = ssl.SSLEOFError(8, "EOF occurred in violation of protocol")
    for error, sent, is_tls in [
        (untrusted, False, True),
        (alert, True, True),
        (broken, True, False),
        (ended, False, False),
        (OSError(), False, False),
    ]:
        outer = RuntimeError("the client's own")
        outer.__cause__ = error
        assert (_driver.of_tls(outer, sent) is error) == is_tls


def test_waiting_is_no_work(issuer: Issuer) -> None:
    """A hundred tasks that wait for half a second take little of the processor's time."""

    async def work(verifier: aw.AsyncVerifier) -> None:
        token, issuer.delay = issuer.token(), 0.5
        before = time.process_time()
        await asyncio.gather(*(verifier.verify_fetching(token) for _ in range(100)))
        assert time.process_time() - before < 0.5

    async def main() -> None:
        await work(aw.AsyncVerifier.discover(issuer.url, audience="api"))

    asyncio.run(main())


def test_it_is_the_programs_client_that_brings_its_module() -> None:
    assert {"httpx", "aiohttp"} <= set(sys.modules)
    source = _driver.__file__
    assert source is not None
    with open(source) as text:  # noqa: PTH123
        assert "import httpx" not in (read := text.read()) and "import aiohttp" not in read
