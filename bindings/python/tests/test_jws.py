"""Signatures over any bytes."""

from typing import Any

import pytest
from conftest import SECRET

import authwright as aw


@pytest.mark.parametrize(
    "payload", [b"", b"any \x00\xff bytes", "text é", bytearray(b"x" * 70000), memoryview(b"view")]
)
def test_any_bytes(payload: Any, key: aw.Key) -> None:
    expected = payload.encode() if isinstance(payload, str) else bytes(payload)
    verified = aw.jws.verify(aw.jws.sign(payload, key), key.public_key())
    assert verified.payload == expected
    assert verified.header["alg"] == "ES256"
    detached = aw.jws.sign(payload, key, detached=True)
    assert aw.jws.verify(detached, aw.KeySet([key]), payload=payload).payload == expected
    raw = aw.jws.sign(payload, key, detached=True, b64=False)
    assert aw.jws.verify(raw.encode(), key, payload=payload).header["b64"] is False
    with pytest.raises(aw.SignatureInvalidError):
        aw.jws.verify(detached, key, payload=expected + b"!")


def test_options(key: aw.Key) -> None:
    token = aw.jws.sign(b"x", key, algorithm="ES256", headers={"cty": "text/plain", "n": [1, None]})
    assert aw.jws.verify(token, key, algorithms=["ES256"]).header["n"] == [1, None]
    assert aw.jws.verify(token, key, algorithms="ES256").header["cty"] == "text/plain"
    with pytest.raises(aw.AlgorithmNotAllowedError):
        aw.jws.verify(token, key, algorithms={"ES384"})
    secret = aw.Key.from_secret(SECRET * 2)
    assert aw.jws.verify(aw.jws.sign(b"x", secret, algorithm="HS512"), secret).header["alg"] == "HS512"


def test_mistakes(key: aw.Key) -> None:
    token = aw.jws.sign(b"x", key)
    for call, field in (
        (lambda: aw.jws.sign(5, key), "payload"),  # type: ignore[arg-type]
        (lambda: aw.jws.sign(b"x", key, headers="x"), "headers"),  # type: ignore[arg-type]
        (lambda: aw.jws.sign(b"x", key, headers={"a": b"x"}), "a"),
        (lambda: aw.jws.sign(b"x", key, detached="no"), "detached"),  # type: ignore[arg-type]
        (lambda: aw.jws.sign(b"x", key, b64=0), "b64"),  # type: ignore[arg-type]
        (lambda: aw.jws.verify(5, key), "token"),  # type: ignore[arg-type]
        (lambda: aw.jws.verify(token, key, algorithms=5), "algorithms"),  # type: ignore[arg-type]
        (lambda: aw.jws.verify(token, key, payload=5), "payload"),  # type: ignore[arg-type]
    ):
        with pytest.raises(aw.InvalidArgumentError) as caught:
            call()
        assert caught.value.field == field
    with pytest.raises(aw.TokenMalformedError):
        aw.jws.verify(token, key, payload=b"x")
    with pytest.raises(aw.UnsupportedAlgorithmError):
        aw.jws.sign(b"x", key, algorithm="none")
    with pytest.raises(aw.KeyNotPrivateError):
        aw.jws.sign(b"x", key.public_key())
