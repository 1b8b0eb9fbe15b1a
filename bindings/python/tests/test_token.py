"""Signing and verifying: the arguments, the instant, and what comes back."""

import array
import base64
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from conftest import ISSUER, NOW, SECRET

import authwright as aw


def test_the_first_example() -> None:
    key = aw.Key.generate("ES256", kid="2026-11")
    signer = aw.Signer(key, issuer=ISSUER, audience="api", lifetime=900)
    token = signer.sign({"sub": "alice", "scope": "read"})
    verifier = aw.Verifier(key.public_key(), issuer=ISSUER, audience="api")
    verified = verifier.verify(token)
    assert verified.claims["sub"] == "alice"
    assert verified.claims["exp"] == verified.claims["iat"] + 900
    assert abs(verified.claims["iat"] - time.time()) < 5
    assert verified.header == {"alg": "ES256", "typ": "JWT", "kid": "2026-11"}


@pytest.mark.parametrize(
    "form",
    [
        str,
        str.encode,
        lambda text: bytearray(text.encode()),
        lambda text: memoryview(text.encode()),
        lambda text: memoryview(b"  " + text.encode())[2:],
        lambda text: array.array("B", text.encode()),
    ],
    ids=["str", "bytes", "bytearray", "memoryview", "slice", "array"],
)
def test_a_token_is_str_or_bytes_or_a_buffer(form: Callable[[str], Any], verifier: aw.Verifier, token: str) -> None:
    assert verifier.verify(form(token), NOW).claims["sub"] == "alice"
    assert aw.dangerous_decode(form(token)).claims["sub"] == "alice"


@pytest.mark.parametrize("wrong", [None, 5, 1.5, ["a.b.c"], {"token": "a.b.c"}, object(), array.array("i", [1, 2])])
def test_anything_else_is_an_invalid_argument(wrong: Any, verifier: aw.Verifier) -> None:
    for call in (verifier.verify, aw.dangerous_decode):
        with pytest.raises(aw.InvalidArgumentError) as caught:
            call(wrong)
        assert (caught.value.code, caught.value.field) == ("ERR_INVALID_ARGUMENT", "token")


@pytest.mark.parametrize(
    "bad",
    ["", ".", "..", "a.b.c", "\x00" * 9, "é.é.é", "\ud800.\ud800.\ud800", b"\xff\xfe.a.b", "a." * 40000, "🦀" * 100],
)
def test_any_bytes_in_place_of_a_token_give_a_code(bad: Any, verifier: aw.Verifier) -> None:
    with pytest.raises(aw.AuthwrightError) as caught:
        verifier.verify(bad, NOW)
    assert caught.value.code.startswith("ERR_TOKEN_")


@pytest.mark.parametrize(
    "now",
    [
        NOW + 5,
        NOW + 5.75,
        datetime.fromtimestamp(NOW + 5, UTC),
        datetime.fromtimestamp(NOW + 5.75, timezone(timedelta(hours=-7))),
    ],
)
def test_now_in_every_form(now: Any, signer: aw.Signer, verifier: aw.Verifier, token: str) -> None:
    assert verifier.verify(token, now).claims["iat"] == NOW
    assert verifier.verify(token, now=now).claims["iat"] == NOW
    assert verifier.verify(signer.sign({}, now=now), now).claims["iat"] == NOW + 5


@pytest.mark.parametrize(
    "now", [True, "1800000000", -1, 2**63, -(2**70), float("nan"), float("inf"), 1e300, datetime(2026, 11, 1), []]
)
def test_now_in_no_other_form(now: Any, signer: aw.Signer, verifier: aw.Verifier, token: str) -> None:
    for call in (lambda: verifier.verify(token, now), lambda: signer.sign({}, now), lambda: signer.prepare({}, now)):
        with pytest.raises(aw.InvalidArgumentError) as caught:
            call()
        assert caught.value.field == "now"


def test_a_clock_at_zero_is_a_clock_at_zero(signer: aw.Signer, verifier: aw.Verifier) -> None:
    token = signer.sign({}, now=0)
    assert verifier.verify(token, now=0).claims["iat"] == 0
    with pytest.raises(aw.TokenExpiredError):
        verifier.verify(token)


def test_the_claims_are_one_dict_that_keeps_what_the_program_adds(verifier: aw.Verifier, token: str) -> None:
    verified = verifier.verify(token, NOW)
    assert verified.claims is verified.claims
    assert verified.header is verified.header
    verified.claims["checked_by"] = "the program"
    assert verified.claims["checked_by"] == "the program"
    assert "checked_by" not in verifier.verify(token, NOW).claims


def test_a_decoded_token_is_of_another_type(token: str) -> None:
    decoded = aw.dangerous_decode(token)
    assert isinstance(decoded, aw.UnverifiedToken)
    assert not isinstance(decoded, aw.Token)
    assert decoded.header["kid"] == "2026-11"
    assert decoded.claims["aud"] == "api"


def test_the_errors_say_what_and_where(key: aw.Key, verifier: aw.Verifier, token: str) -> None:
    with pytest.raises(aw.TokenExpiredError) as expired:
        verifier.verify(token, NOW + 930)
    assert (expired.value.code, expired.value.number, expired.value.field) == ("ERR_TOKEN_EXPIRED", 401, "exp")
    assert str(expired.value) == expired.value.message != ""
    with pytest.raises(aw.AudienceMismatchError):
        aw.Verifier(key, issuer=ISSUER, audience="other").verify(token, NOW)
    with pytest.raises(aw.SignatureInvalidError):
        verifier.verify(token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"), NOW)
    for text in (repr(expired.value), str(expired.value)):
        assert token not in text


def test_nothing_can_be_made_set_or_subclassed_that_only_the_core_makes(verifier: aw.Verifier, token: str) -> None:
    for cls in (aw.Token, aw.UnverifiedToken, aw.Prepared, aw.jws.Verified, aw.Key):
        with pytest.raises(TypeError):
            cls()
        with pytest.raises(TypeError):
            type("Mine", (cls,), {})
    verified = verifier.verify(token, NOW)
    for name in ("claims", "header", "other"):
        with pytest.raises(AttributeError):
            setattr(verified, name, {})


def test_no_repr_shows_what_is_secret() -> None:
    key = aw.Key.from_secret(SECRET, kid="shared")
    signer = aw.Signer(key, lifetime=60)
    token = signer.sign({"sub": "alice"})
    verified = aw.Verifier(key).verify(token)
    for thing in (key, signer, aw.Verifier(key), verified, aw.dangerous_decode(token), aw.KeySet([key])):
        assert SECRET.decode() not in repr(thing)
        assert "alice" not in repr(thing)
        assert "0x" not in repr(thing)


def test_signing_in_two_steps(key: aw.Key, verifier: aw.Verifier) -> None:
    public = aw.Signer(key.public_key(), issuer=ISSUER, audience="api", lifetime=900)
    with pytest.raises(aw.KeyNotPrivateError):
        public.sign({"sub": "alice"}, NOW)
    prepared = public.prepare({"sub": "alice"}, now=NOW)
    assert prepared.algorithm == "ES256"
    # jws.sign with an unencoded, detached payload is a signature over bytes of our choice only in its payload, so the
    # other half comes from signing the same claims with the private key.
    whole = aw.Signer(key, issuer=ISSUER, audience="api", lifetime=900).sign({"sub": "alice"}, NOW)
    signing_input, _, signature = whole.rpartition(".")
    assert prepared.signing_input == signing_input.encode()
    raw = _base64url(signature)
    token = public.finish(prepared, raw)
    assert verifier.verify(token, NOW).claims["sub"] == "alice"
    assert public.finish(prepared, _der(raw), der=True) == token
    with pytest.raises(aw.SignatureInvalidError):
        public.finish(prepared, bytes(64))
    with pytest.raises(aw.AuthwrightError):
        public.finish(prepared, b"no DER", der=True)
    for wrong in (lambda: public.finish("prepared", raw), lambda: public.finish(prepared, 5)):
        with pytest.raises(aw.InvalidArgumentError):
            wrong()
    with pytest.raises(aw.InvalidArgumentError, match="der is str"):
        public.finish(prepared, raw, der="yes")


def _base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _der(raw: bytes) -> bytes:
    """An ECDSA signature as KMSs give it: SEQUENCE { INTEGER r, INTEGER s }."""
    parts = b""
    for half in (raw[:32], raw[32:]):
        number = half.lstrip(b"\x00") or b"\x00"
        number = b"\x00" + number if number[0] & 0x80 else number
        parts += bytes([2, len(number)]) + number
    return bytes([0x30, len(parts)]) + parts
