"""What the tests share: one issuer, its keys, an instant, and an issuer that is live."""

from collections.abc import Iterator

import issuer as issuers
import pytest

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
