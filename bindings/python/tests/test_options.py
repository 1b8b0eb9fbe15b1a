"""Options and policies: keyword arguments, documents, and their mistakes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import ISSUER, NOW

import authwright as aw


def test_a_misspelt_member_is_never_no_check(key: aw.Key) -> None:
    with pytest.raises(aw.UnknownOptionError, match="audience") as caught:
        aw.Verifier(key, issuer=ISSUER, audiance="api")  # type: ignore[call-arg]
    assert caught.value.field == "audiance"
    with pytest.raises(aw.UnknownOptionError) as caught:
        aw.Verifier.from_policy(key, {"audiance": "api"})
    assert caught.value.field == "audiance"
    with pytest.raises(aw.UnknownOptionError) as caught:
        aw.Signer(key, lifetme=900)  # type: ignore[call-arg]
    assert caught.value.field == "lifetme"


@pytest.mark.parametrize(
    "options", [{"issuer": None}, {"audience": None}, {"audience": []}, {"issuer": ""}, {"leeway": None}]
)
def test_an_unset_value_is_never_no_check(options: dict[str, Any], key: aw.Key) -> None:
    with pytest.raises(aw.InvalidArgumentError) as caught:
        aw.Verifier(key, **options)
    assert caught.value.field in options


@pytest.mark.parametrize(
    "option", [{"issuer": 5}, {"lifetime": "900"}, {"lifetime": True}, {"headers": "x"}, {"issuer": b"x"}]
)
def test_a_wrong_type_is_an_invalid_argument(option: dict[str, Any], key: aw.Key) -> None:
    with pytest.raises(aw.InvalidArgumentError) as caught:
        aw.Signer(key, **option)
    assert caught.value.field in option


@pytest.mark.parametrize(
    "members",
    [
        {"issuer": ISSUER, "audience": "api"},
        {"issuer": [ISSUER, "https://other.example"], "audience": ("web", "api")},
        {"issuer": {ISSUER}, "audience": frozenset(["api"]), "algorithms": {"ES256", "ES384"}},
        {"audience": "api", "required": ["sub", "scope"], "claims": {"scope": ["read", "write"]}},
        {"audience": "api", "leeway": timedelta(seconds=5), "max_token_age": timedelta(hours=1)},
        {"audience": "api", "leeway": 5, "max_token_age": 3600, "max_token_bytes": 4096, "typ": "JWT"},
        {"dangerous_any_audience": True, "compat": ["padded_base64", "string_dates"], "version": 1},
    ],
    ids=str,
)
def test_members_in_every_form(members: dict[str, Any], key: aw.Key, token: str) -> None:
    assert aw.Verifier(key, **members).verify(token, NOW).claims["sub"] == "alice"
    assert aw.Verifier.from_policy(key, members).verify(token, NOW).claims["sub"] == "alice"


def test_a_policy_as_a_document(key: aw.Key, token: str) -> None:
    policy = {"version": 1, "issuer": ISSUER, "audience": "api"}
    text = json.dumps(policy)
    for form in (policy, text, text.encode(), bytearray(text.encode())):
        assert aw.Verifier.from_policy(key, form).verify(token, NOW).claims["sub"] == "alice"
    for wrong in (None, 5, [], [policy], object()):
        with pytest.raises(aw.InvalidArgumentError):
            aw.Verifier.from_policy(key, wrong)  # type: ignore[arg-type]
    for bad in ("", "[]", "{", b"\xff", '{"issuer": "a", "issuer": "b"}', "\ud800"):
        with pytest.raises(aw.InvalidArgumentError):
            aw.Verifier.from_policy(key, bad)
    with pytest.raises(aw.PolicyVersionError):
        aw.Verifier.from_policy(key, {"version": 2})


@pytest.mark.parametrize("seconds", [timedelta(milliseconds=500), timedelta(seconds=-5), -5, 0.5, float("nan"), 10**30])
@pytest.mark.parametrize("member", ["leeway", "max_token_age"])
def test_durations_are_whole_seconds(member: str, seconds: Any, key: aw.Key) -> None:
    with pytest.raises(aw.InvalidArgumentError) as caught:
        aw.Verifier(key, **{member: seconds})
    assert caught.value.field == member


def test_a_lifetime_is_seconds_or_a_timedelta(secret: aw.Key) -> None:
    for lifetime in (900, timedelta(minutes=15)):
        claims = aw.dangerous_decode(aw.Signer(secret, lifetime=lifetime).sign({}, NOW)).claims
        assert (claims["iat"], claims["exp"]) == (NOW, NOW + 900)


def test_every_option_of_a_signer(key: aw.Key) -> None:
    signer = aw.Signer(
        key,
        algorithm="ES256",
        issuer=ISSUER,
        audience=["api", "web"],
        subject="alice",
        lifetime=60,
        typ="at+jwt",
        headers={"b": [1], "c": "é"},
        jwt_id=True,
    )
    token = aw.dangerous_decode(signer.sign({}, NOW))
    assert token.header == {"alg": "ES256", "typ": "at+jwt", "kid": "2026-11", "b": [1], "c": "é"}
    claims = token.claims
    assert len(claims.pop("jti")) > 10
    assert claims == {"iss": ISSUER, "aud": ["api", "web"], "sub": "alice", "iat": NOW, "exp": NOW + 60}


def test_what_contradicts_is_an_error(signer: aw.Signer, secret: aw.Key) -> None:
    with pytest.raises(aw.ClaimMismatchError) as caught:
        signer.sign({"iss": "https://other.example"}, NOW)
    assert caught.value.field == "iss"
    with pytest.raises(aw.ClaimMissingError) as caught:
        aw.Signer(secret).sign({}, NOW)
    assert caught.value.field == "exp"
    assert "exp" not in aw.dangerous_decode(aw.Signer(secret, dangerous_no_expiration=True).sign({}, NOW)).claims


@pytest.mark.parametrize("wrong", [None, "key", {"kty": "oct"}, b"secret", 5])
def test_keys_are_keys(wrong: Any, key: aw.Key) -> None:
    for make, field in (
        (lambda: aw.Verifier(wrong), "keys"),
        (lambda: aw.Verifier.from_policy(wrong, {}), "keys"),
        (lambda: aw.Signer(wrong), "key"),
        (lambda: aw.jws.sign(b"", wrong), "key"),
        (lambda: aw.jws.verify("a.b.c", wrong), "keys"),
        (lambda: aw.KeySet([key, wrong]), "keys"),
    ):
        with pytest.raises(aw.InvalidArgumentError) as caught:
            make()
        assert caught.value.field == field


def test_a_datetime_in_the_policys_claims(secret: aw.Key) -> None:
    when = datetime.fromtimestamp(NOW - 5, UTC)
    token = aw.Signer(secret, lifetime=60).sign({"auth_time": when}, NOW)
    assert aw.Verifier(secret, claims={"auth_time": when}).verify(token, NOW).claims["auth_time"] == NOW - 5
