"""Keys and sets of keys."""

import json
from typing import Any

import pytest
from conftest import NOW, SECRET

import authwright as aw

ASYMMETRIC = ["RS256", "PS384", "ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519"]


def generate(alg: str) -> aw.Key:
    try:
        return aw.Key.generate(alg)
    except aw.UnsupportedAlgorithmError:
        pytest.skip(f"this provider lacks {alg}")


@pytest.mark.parametrize("alg", ASYMMETRIC)
def test_a_key_there_and_back(alg: str) -> None:
    key = generate(alg)
    assert (key.algorithm, key.is_private, key.kid) == (alg, True, key.thumbprint())
    public = key.public_key()
    assert (public.is_private, public.kid, public.thumbprint()) == (False, key.kid, key.thumbprint())
    token = aw.Signer(key, lifetime=60).sign({"sub": "alice"}, NOW)
    for again in (
        aw.Key.from_jwk(key.to_jwk(private=True)),
        aw.Key.from_jwk(json.dumps(key.to_jwk(True))),
        aw.Key.from_pem(key.to_pem(private=True), alg=alg, kid=key.kid),
        aw.Key.from_pem(key.to_pem(True).encode(), alg=alg),
        aw.Key.from_der(key.to_der(private=True), alg=alg),
        aw.Key.from_der(memoryview(key.to_der(True)), alg=alg),
        aw.Key.from_jwk(key.to_jwk()),
        aw.Key.from_pem(key.to_pem()),
        aw.Key.from_der(key.to_der()),
    ):
        assert again.thumbprint() == key.thumbprint()
        assert aw.Verifier(again).verify(token, NOW).claims["sub"] == "alice"
    assert "d" not in key.to_jwk()
    assert "PRIVATE" not in key.to_pem()
    with pytest.raises(aw.KeyNotPrivateError):
        public.to_jwk(private=True)


def test_secrets() -> None:
    key = aw.Key.from_secret(SECRET, alg="HS256", kid="shared")
    assert (key.algorithm, key.kid, key.is_private) == ("HS256", "shared", True)
    assert aw.Key.from_secret(SECRET.decode()).thumbprint() == key.thumbprint()
    assert aw.Key.from_secret(bytearray(SECRET)).kid is None
    assert aw.Key.from_jwk(key.to_jwk(private=True)).thumbprint() == key.thumbprint()
    assert len(aw.Key.generate("HS512").to_jwk(private=True)["k"]) == 86
    with pytest.raises(aw.KeyMismatchError):
        key.public_key()
    with pytest.raises(aw.KeyTooWeakError):
        aw.Signer(aw.Key.from_secret(b"short"))
    assert aw.Signer(aw.Key.from_secret(b"short"), dangerous_weak_keys=True, lifetime=5).sign({})


def test_rsa_sizes() -> None:
    assert len(aw.Key.generate("RS256", bits=3072).to_jwk()["n"]) == 512
    for bits in (1024, 0, 5000, 2**40, -1, True, "2048"):
        with pytest.raises(aw.AuthwrightError) as caught:
            aw.Key.generate("RS256", bits=bits)  # type: ignore[arg-type]
        assert caught.value.code in ("ERR_INVALID_ARGUMENT", "ERR_KEY_TOO_WEAK")


@pytest.mark.parametrize(
    "data",
    ["", b"", "-----BEGIN NOTHING-----\n-----END NOTHING-----", b"\x30\x80\xff", "\x00" * 1000, b"\xff" * 100000],
)
def test_any_bytes_in_place_of_a_key(data: Any) -> None:
    for load in (aw.Key.from_pem, aw.Key.from_der, aw.Key.from_jwk, aw.KeySet.from_json):
        with pytest.raises(aw.AuthwrightError) as caught:
            load(data)
        assert caught.value.code in ("ERR_KEY_FORMAT", "ERR_INVALID_ARGUMENT")


@pytest.mark.parametrize("wrong", [None, 5, object(), [1]])
def test_wrong_types(wrong: Any, key: aw.Key) -> None:
    for call in (
        lambda: aw.Key.from_pem(wrong),
        lambda: aw.Key.from_der(wrong),
        lambda: aw.Key.from_jwk(wrong),
        lambda: aw.Key.from_secret(wrong),
        lambda: aw.Key.generate(wrong),
        lambda: aw.KeySet.from_json(wrong),
        lambda: aw.KeySet(wrong),
        lambda: key.to_jwk("yes"),  # type: ignore[arg-type]
        lambda: key.to_pem(1),  # type: ignore[arg-type]
        lambda: aw.Key.from_secret(SECRET, kid=5),  # type: ignore[arg-type]
        lambda: aw.Key.from_secret(SECRET, alg=5),  # type: ignore[arg-type]
        lambda: aw.Key.from_secret(SECRET, kid="\ud800"),
        lambda: aw.Key.from_pem(key.to_pem(), password=5),  # type: ignore[arg-type]
    ):
        with pytest.raises(aw.InvalidArgumentError) as caught:
            call()
        assert caught.value.field


def test_an_unknown_algorithm() -> None:
    for name in ("none", "es256", "HS1", ""):
        with pytest.raises(aw.UnsupportedAlgorithmError):
            aw.Key.generate(name)


def test_an_encrypted_key() -> None:
    # openssl pkcs8 -topk8 -v2 aes-256-cbc -iter 2048, of an Ed25519 key made for this test; the password is "correct".
    encrypted = """\
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAi4dWkXz/EmqAICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEPQSU1FXoKcg6nHlEP4d4NkEQMo8
ry+A/POnOPgJtj329glyKCxKsrb9IF3dtfMNMPgNa9QpKmA4SaM9zAa4j8yexybG
zixWj+pyNSxF6NKhZjc=
-----END ENCRYPTED PRIVATE KEY-----
"""
    key = aw.Key.from_pem(encrypted, password="correct")
    assert key.is_private
    assert aw.Key.from_pem(encrypted, password=b"correct").thumbprint() == key.thumbprint()
    for password in (None, "wrong", ""):
        with pytest.raises(aw.KeyPasswordError):
            aw.Key.from_pem(encrypted, password=password)


def test_a_set(key: aw.Key) -> None:
    secret = aw.Key.from_secret(SECRET, kid="shared")
    keys = aw.KeySet([key, secret])
    assert len(keys) == 2
    assert [member.kid for member in keys] == ["2026-11", "shared"]
    assert keys.rejected == []
    published = json.loads(keys.to_json())
    assert [jwk["kid"] for jwk in published["keys"]] == ["2026-11"]
    assert "d" not in published["keys"][0]
    for form in (keys.to_json(), keys.to_json().encode(), published):
        assert [member.kid for member in aw.KeySet.from_json(form)] == ["2026-11"]
    assert len(aw.KeySet(iter([key]))) == 1
    assert len(aw.KeySet(())) == 0
    assert aw.KeySet.from_json({"keys": []}).to_json()


def test_unusable_members_are_kept_out_of_the_way(key: aw.Key) -> None:
    keys = aw.KeySet.from_json({"keys": [{"kty": "new", "kid": "x"}, key.to_jwk(), {"kty": "EC", "crv": "P-256"}]})
    assert [member.kid for member in keys] == ["2026-11"]
    assert [(index, kid) for index, kid, _ in keys.rejected] == [(0, "x"), (2, None)]
    assert all(isinstance(error, aw.AuthwrightError) and error.code for _, _, error in keys.rejected)


def test_unknown_members_of_a_jwk_are_kept(key: aw.Key) -> None:
    jwk = {**key.to_jwk(), "x-mine": {"a": [1, None]}}
    assert aw.Key.from_jwk(jwk).to_jwk() == jwk


def test_choosing_by_kid(key: aw.Key) -> None:
    other = aw.Key.generate("ES256", kid="other")
    verifier = aw.Verifier(aw.KeySet([other, key]))
    for one in (key, other):
        assert verifier.verify(aw.Signer(one, lifetime=5).sign({}, NOW), NOW).header["kid"] == one.kid
    with pytest.raises(aw.KeyNotFoundError):
        verifier.verify(aw.Signer(aw.Key.generate("ES256"), lifetime=5).sign({}, NOW), NOW)
