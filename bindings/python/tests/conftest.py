"""What the tests share: one issuer, its keys, an instant, an issuer that is live, and the servers of logins."""

import os
from collections.abc import Iterator
from typing import Any

import issuer as issuers
import logins
import pytest
import redis_server
import servers

import authwright as aw

ISSUER = "https://id.example"
NOW = 1_800_000_000
SECRET = b"a secret of at least thirty-two bytes"


@pytest.fixture(scope="session")
def key() -> aw.Key:
    return aw.Key.generate("ES256", kid="2026-11")


@pytest.fixture(scope="session")
def secret() -> aw.Key:
    return aw.Key.from_secret(SECRET, alg="HS256")


@pytest.fixture(scope="session")
def signer(key: aw.Key) -> aw.Signer:
    return aw.Signer(key, issuer=ISSUER, audience="api", lifetime=900)


@pytest.fixture(scope="session")
def verifier(key: aw.Key) -> aw.Verifier:
    return aw.Verifier(key.public_key(), issuer=ISSUER, audience="api")


@pytest.fixture(scope="session")
def token(signer: aw.Signer) -> str:
    return signer.sign({"sub": "alice", "scope": "read"}, now=NOW)


@pytest.fixture
def issuer() -> Iterator[issuers.Issuer]:
    with issuers.running() as running:
        yield running


@pytest.fixture(scope="session")
def provider() -> Iterator[Any]:
    """npm oidc-provider, for logins."""
    yield from started(servers.login_provider)


@pytest.fixture(scope="session")
def quirks() -> Iterator[Any]:
    """Providers with quirks."""
    yield from started(servers.quirks)


@pytest.fixture(scope="session")
def redis() -> Iterator[str]:
    """The URL of a Redis server."""
    for running in started(redis_server.running):
        yield running.url


def started(server: Any) -> Iterator[Any]:
    try:
        with server() as running:
            yield running
    except (servers.Unavailable, redis_server.Unavailable) as missing:
        if os.environ.get("AW_REQUIRE_ALL") == "1":
            raise
        pytest.skip(f"SKIPPED: {missing}")


@pytest.fixture(params=logins.KINDS)
def make(request: pytest.FixtureRequest) -> Iterator[logins.Make]:
    """What makes clients, of each kind in turn."""
    with logins.clients(request.param) as made:
        yield made
