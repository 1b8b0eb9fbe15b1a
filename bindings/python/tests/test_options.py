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


# Without a time zone, too: with one it would be no better.
@pytest.mark.parametrize("zone", [UTC, None])
def test_a_point_in_time_is_no_span(zone: Any, key: aw.Key, secret: aw.Key, token: str) -> None:
    until: Any = datetime.now(zone)
    verifier: Any = aw.Verifier(key, issuer=ISSUER, audience="api")
    client: Any = aw.oauth.Client("https://id.example", client_id="web", seal_keys=secret)
    tokens = aw.oauth.Tokens.from_json({"access_token": "t"})
    for option, make in [
        ("leeway", lambda: aw.Verifier(key, audience="api", leeway=until)),
        ("max_token_age", lambda: aw.Verifier.from_policy(key, {"audience": "api", "max_token_age": until})),
        ("lifetime", lambda: aw.Signer(secret, lifetime=until)),
        ("cooldown", lambda: aw.RemoteKeySet(issuer=ISSUER, cooldown=until)),
        ("outage_limit", lambda: aw.RemoteKeySet(issuer=ISSUER, outage_limit=until)),
        ("timeout", lambda: aw.RemoteKeySet(issuer=ISSUER, timeout=until)),
        ("connect_timeout", lambda: aw.HttpClient(connect_timeout=until)),
        ("leeway", lambda: aw.oauth.Client(ISSUER, client_id="web", seal_keys=secret, leeway=until)),
        ("max_age", lambda: client.begin_login(max_age=until)),
        ("renew_before", lambda: client.token_manager(tokens, renew_before=until)),
        ("timeout", lambda: verifier.verify_fetching(token, timeout=until)),
    ]:
        with pytest.raises(aw.InvalidArgumentError, match=f"^{option} is (a )?datetime: pass seconds") as caught:
            make()
        assert caught.value.field == option


def test_a_point_in_time_within_a_document(secret: aw.Key) -> None:
    when = datetime.fromtimestamp(NOW, UTC)
    header = aw.dangerous_decode(aw.Signer(secret, lifetime=60, headers={"at": when}).sign({}, NOW)).header
    assert header["at"] == NOW
    assert aw.oauth.Tokens.from_json({"access_token": "t", "expires_at": when}).expires_at == NOW
    assert aw.Key.from_jwk({**aw.Key.generate("HS256").to_jwk(private=True), "exp": when}).is_private


def test_a_misspelt_member_is_unknown_whatever_its_value(key: aw.Key, secret: aw.Key) -> None:
    make: Any
    for option, make in [
        ("audiance", lambda: aw.Verifier(key, issuer=b"x", audiance=b"api")),
        ("audiance", lambda: aw.Verifier.from_policy(key, {"audiance": object()})),
        ("lifetme", lambda: aw.Signer(secret, lifetme=datetime.now(UTC))),
        ("isuer", lambda: aw.RemoteKeySet(isuer=b"https://id.example")),
        ("clientid", lambda: aw.oauth.Client("https://id.example", clientid=b"web")),
        ("max_record", lambda: aw.Store("memory:", max_record=b"")),
        ("runid", lambda: aw.check_store("memory:", runid=b"")),
    ]:
        with pytest.raises(aw.UnknownOptionError) as caught:
            make()
        assert caught.value.field == option


def test_none_is_no_timeout(key: aw.Key, token: str) -> None:
    client: Any = aw.oauth.Client("https://id.example", client_id="web", seal_keys=aw.Key.generate("HS256"))
    tokens = aw.oauth.Tokens.from_json({"access_token": "t"})
    verifier: Any = aw.Verifier(key, issuer=ISSUER, audience="api")
    own: Any = aw
    assert verifier.verify_fetching(token, NOW).claims["sub"]
    for call in (
        lambda: verifier.verify_fetching(token, timeout=None),
        lambda: client.begin_login(timeout=None),
        lambda: client.finish_login("t", "c", timeout=None),
        lambda: client.refresh(tokens, timeout=None),
        lambda: client.userinfo(tokens, None),
        lambda: client.revoke(tokens, None),
        lambda: client.logout_url(tokens, timeout=None),
        lambda: client.verify_logout_token(token, timeout=None),
        lambda: client.token_manager(tokens).tokens(timeout=None),
        lambda: own.Store("memory:").sweep(None),
        lambda: own.sweep_store("memory:", timeout=None),
        lambda: own.check_store("memory:", timeout=None),
        lambda: own.copy_store("sqlite:keys.db", "memory:", None),
    ):
        with pytest.raises(aw.InvalidArgumentError, match="timeout is NoneType") as caught:
            call()
        assert caught.value.field == "timeout"


def test_names_are_in_what_can_be_read_again(key: aw.Key) -> None:
    signed = aw.jws.sign(b"payload", key)
    for algorithms in ("ES256", ["ES256"], ("ES256",), {"ES256"}, frozenset(["ES256"])):
        assert aw.jws.verify(signed, key.public_key(), algorithms=algorithms).payload == b"payload"
    for algorithms in (iter(["ES256"]), (name for name in ["ES256"]), {"ES256": 1}, b"ES256"):
        with pytest.raises(aw.InvalidArgumentError) as caught:
            aw.jws.verify(signed, key, algorithms=algorithms)  # type: ignore[arg-type]
        assert caught.value.field == "algorithms"
