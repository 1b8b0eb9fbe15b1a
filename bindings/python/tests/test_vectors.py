"""The corpus in tests/vectors, which every front end answers alike. Its README says what each member means."""

import base64
import json
import os
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

import authwright as aw

CORPUS = pathlib.Path(__file__).parents[3] / "tests" / "vectors"
# What a build with the other crypto provider lacks.
LACKING = {"ES512", "ES256K"} if os.environ.get("AW_PROVIDER") == "ring" else set()


def vectors() -> Iterator[Any]:
    for file in sorted(CORPUS.glob("*.json")):
        if file.name == "schema.json":
            continue
        document = json.loads(file.read_text(encoding="utf-8"))
        for vector in document["vectors"]:
            yield pytest.param(vector, document.get("keys", {}), id=vector["id"])


VECTORS = list(vectors())


def test_the_corpus_is_there() -> None:
    assert len(VECTORS) >= 400


@pytest.mark.parametrize(("vector", "named"), VECTORS)
def test_vector(vector: dict[str, Any], named: dict[str, Any]) -> None:
    expect = vector["expect"]
    if LACKING & set(vector.get("requires", [])):
        expect = {"error": "ERR_UNSUPPORTED_ALGORITHM"}
    try:
        got = answer(vector, named)
    except aw.AuthwrightError as error:
        assert error.code == expect.get("error", "success"), error
        if "field" in expect:
            assert error.field == expect["field"], error
        return
    assert "error" not in expect, f"{expect['error']} expected, got {got}"
    for member, value in expect.items():
        if member in ("key", "set"):
            for part, wanted in value.items():
                assert same(got[member][part], wanted), part
        elif member == "payload":
            assert got[member] == octets(value)
        else:
            assert same(got[member], value), member


def answer(vector: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    """Runs the vector's chain; the first error of it passes through."""
    given = vector.get("keys")
    keys = load(named[given] if isinstance(given, str) else given) if given is not None else None
    options, now = vector.get("options", {}), vector.get("now")
    match vector.get("operation", "verify"):
        case "verify":
            verifier = aw.Verifier.from_policy(keys, vector.get("policy", {}))
            return token(verifier.verify(octets(vector["input"]), now))
        case "sign":
            signed = aw.Signer(keys, **options).sign(vector["input"], now)
            if "policy" in vector:
                aw.Verifier.from_policy(public(keys), vector["policy"]).verify(signed, now)
            return {"token": signed, **token(aw.dangerous_decode(signed))}
        case "jws_verify":
            detached = {"payload": octets(vector["payload"])} if "payload" in vector else {}
            verified = aw.jws.verify(octets(vector["input"]), keys, **options, **detached)
            return {"payload": verified.payload, "header": verified.header}
        case "jws_sign":
            payload = octets(vector["input"])
            signed = aw.jws.sign(payload, keys, **options)
            detached = {"payload": payload} if options.get("detached") else {}
            verified = aw.jws.verify(signed, public(keys), **detached)
            assert verified.payload == payload
            return {"token": signed, "header": verified.header}
        case "import":
            return {"set": Set(keys)} if isinstance(keys, aw.KeySet) else {"key": Imported(keys)}
        case "decode":
            return token(aw.dangerous_decode(octets(vector["input"])))
        case other:
            raise NotImplementedError(other)


def load(form: dict[str, Any]) -> aw.Key | aw.KeySet:
    options = {name: form[name] for name in ("alg", "kid", "password") if name in form}
    if "jwk" in form:
        return aw.Key.from_jwk(form["jwk"])
    if "jwks" in form:
        return aw.KeySet.from_json(form["jwks"])
    if "pem" in form:
        return aw.Key.from_pem(form["pem"], **options)
    if "der" in form:
        return aw.Key.from_der(base64.b64decode(form["der"], validate=True), **options)
    text = form["secret"]
    return aw.Key.from_secret(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), **options)


def public(key: aw.Key) -> aw.Key:
    """The key that a token is checked with: the same one, of a secret."""
    return key if "k" in key.to_jwk(private=key.is_private) else key.public_key()


def token(read: aw.Token | aw.UnverifiedToken) -> dict[str, Any]:
    return {"claims": read.claims, "header": read.header}


def octets(form: str | dict[str, Any]) -> bytes:
    if isinstance(form, str):
        return form.encode()
    if "base64" in form:
        return base64.b64decode(form["base64"], validate=True)
    return b"".join(
        part.encode() if isinstance(part, str) else part["repeat"].encode() * part["times"] for part in form["parts"]
    )


class Imported:
    """What is asked of a key, and only that."""

    def __init__(self, key: aw.Key) -> None:
        self.key = key

    def __getitem__(self, part: str) -> Any:
        match part:
            case "jwk":
                return self.key.to_jwk(private=False)
            case "private_jwk":
                return self.key.to_jwk(private=True)
            case "thumbprint":
                return self.key.thumbprint()
            case _:
                return getattr(self.key, part)


class Set:
    """The same of a set."""

    def __init__(self, keys: aw.KeySet) -> None:
        self.keys = keys

    def __getitem__(self, part: str) -> Any:
        return len(self.keys) if part == "length" else json.loads(self.keys.to_json())


def same(got: Any, wanted: Any) -> bool:
    """Equality of JSON: true is not 1, and 1 is 1.0."""
    if isinstance(got, bool) or isinstance(wanted, bool):
        return got is wanted
    if isinstance(wanted, dict):
        return (
            isinstance(got, dict)
            and got.keys() == wanted.keys()
            and all(same(got[name], wanted[name]) for name in wanted)
        )
    if isinstance(wanted, list):
        return isinstance(got, list) and len(got) == len(wanted) and all(map(same, got, wanted))
    number = isinstance(got, int | float) and isinstance(wanted, int | float)
    return (number or type(got) is type(wanted)) and got == wanted
