"""Kinds of tokens that a policy's profile tells apart: profiles.json."""

from corpus import AUDIENCE, ISSUER, NOW, POLICY, Area, claims
from jose import oct_jwk, secret, token

KEY = secret(32)
EVENT = "http://schemas.openid.net/event/backchannel-logout"
CORE = "OpenID Connect Core 1.0 section 3.1.3.7"
LOGOUT = "OpenID Connect Back-Channel Logout 1.0 section 2.6"


def areas():
    area = Area(
        "profiles",
        "ID tokens and logout tokens: what each must have, and that none is taken for another.",
        CORE + "; " + LOGOUT,
        {"secret": {"jwk": oct_jwk(KEY)}},
    )

    def add(name, profile, body, expect=None, source=None, header=None, **policy):
        area.add(
            f"profile-{name}",
            source=source,
            keys="secret",
            policy=POLICY | {"profile": profile} | policy,
            input=token("HS256", KEY, body, header),
            expect=expect or {"claims": body},
        )

    id_tokens(add)
    logout_tokens(add)
    documents(area)
    return [area]


def id_tokens(add):
    def check(name, expect=None, source=CORE, header=None, policy=None, **changes):
        add(f"id-token-{name}", "id_token", claims(**changes), expect, source, header, **(policy or {}))

    check("good")
    check("typ-jwt", header={"typ": "JWT"})
    check("typ-jwt-lower-case", header={"typ": "jwt"})
    check("typ-media-type", header={"typ": "application/jwt"})
    for typ in ("at+jwt", "logout+jwt", "dpop+jwt", "client-authentication+jwt", "secevent+jwt", "", "JWE"):
        label = typ.replace("+", "-").lower() or "empty"
        check(f"typ-{label}", "ERR_TOKEN_TYPE typ", "RFC 8725 section 3.11: kinds are told apart", {"typ": typ})
    check("typ-number", "ERR_TOKEN_TYPE typ", header={"typ": 1})
    for name in ("iss", "aud", "sub", "iat", "exp"):
        check(f"no-{name}", f"ERR_CLAIM_MISSING {name}", **{name: None})
    check("no-exp-allowed", policy={"dangerous_no_expiration": True}, exp=None)
    check("sub-empty", "ERR_CLAIM_TYPE sub", sub="")
    check("sub-number", "ERR_CLAIM_TYPE sub", sub=7)
    check("sub-255-bytes", source="OpenID Connect Core 1.0 section 2", sub="s" * 255)
    check("sub-256-bytes", "ERR_CLAIM_TYPE sub", "OpenID Connect Core 1.0 section 2", sub="s" * 256)
    check("iss-other", "ERR_ISSUER_MISMATCH iss", iss="https://evil.example")
    check("aud-other", "ERR_AUDIENCE_MISMATCH aud", aud="other")
    check("aud-list-of-one", aud=[AUDIENCE])
    check("aud-two-without-azp", "ERR_CLAIM_MISSING azp", CORE + ", rule 4", aud=[AUDIENCE, "other"])
    check("aud-two-with-azp", source=CORE + ", rule 4", aud=[AUDIENCE, "other"], azp=AUDIENCE)
    check(
        "aud-two-with-azp-of-the-other",
        "ERR_CLAIM_MISMATCH azp",
        CORE + ", rule 5",
        aud=[AUDIENCE, "other"],
        azp="other",
    )
    check("azp", azp=AUDIENCE)
    check("azp-other", "ERR_CLAIM_MISMATCH azp", CORE + ", rule 5", azp="other")
    check("azp-list", "ERR_CLAIM_TYPE azp", azp=[AUDIENCE])
    check("azp-empty", "ERR_CLAIM_MISMATCH azp", azp="")
    check("nonce-as-claim", policy={"claims": {"nonce": "n-0S6"}}, nonce="n-0S6")
    check("nonce-other", "ERR_CLAIM_MISMATCH nonce", policy={"claims": {"nonce": "n-0S6"}}, nonce="another")


def logout_tokens(add):
    good = {"jti": "bWJq", "sub": "alice", "sid": "08a5", "events": {EVENT: {}}}

    def check(name, expect=None, source=LOGOUT, header=None, **changes):
        add(f"logout-token-{name}", "logout_token", claims(**(good | changes)), expect, source, header)

    check("good")
    check("typ-logout", header={"typ": "logout+jwt"})
    check("typ-jwt", header={"typ": "JWT"})
    check("typ-access-token", "ERR_TOKEN_TYPE typ", header={"typ": "at+jwt"})
    check("sub-only", sid=None)
    check("sid-only", sub=None)
    check("neither-sub-nor-sid", "ERR_CLAIM_MISSING sub", sub=None, sid=None)
    check("sid-number", "ERR_CLAIM_TYPE sid", sid=7)
    check("sid-empty", "ERR_CLAIM_TYPE sid", sid="")
    check("sub-number", "ERR_CLAIM_TYPE sub", sub=7)
    check("no-jti", "ERR_CLAIM_MISSING jti", jti=None)
    check("jti-empty", "ERR_CLAIM_TYPE jti", jti="")
    check("no-iat", "ERR_CLAIM_MISSING iat", iat=None)
    check("no-aud", "ERR_CLAIM_MISSING aud", aud=None)
    check("no-iss", "ERR_CLAIM_MISSING iss", iss=None)
    check("no-events", "ERR_CLAIM_MISSING events", events=None)
    check("events-list", "ERR_CLAIM_TYPE events", events=[EVENT])
    check("events-other", "ERR_CLAIM_MISMATCH events", events={"https://id.example/other": {}})
    check("events-not-an-object", "ERR_CLAIM_MISMATCH events", events={EVENT: True})
    check("events-more-than-one", events={EVENT: {}, "https://id.example/other": {}})
    check("with-nonce", "ERR_CLAIM_MISMATCH nonce", LOGOUT + ": not to be taken for an ID token", nonce="n-0S6")
    check("expired", "ERR_TOKEN_EXPIRED exp", exp=NOW - 60)


def documents(area):
    good = token("HS256", KEY, claims())
    for name, policy, expect in [
        ("unknown", POLICY | {"profile": "access-token"}, "ERR_INVALID_ARGUMENT profile"),
        ("camel-case", POLICY | {"profile": "idToken"}, "ERR_INVALID_ARGUMENT profile"),
        ("without-audience", {"issuer": ISSUER, "profile": "id_token"}, "ERR_INVALID_ARGUMENT audience"),
        (
            "with-any-audience",
            {"issuer": ISSUER, "profile": "id_token", "dangerous_any_audience": True},
            "ERR_INVALID_ARGUMENT audience",
        ),
        ("without-issuer", {"audience": AUDIENCE, "profile": "id_token"}, "ERR_INVALID_ARGUMENT issuer"),
    ]:
        area.add(
            f"profile-policy-{name}",
            source="authwright: a profile is one issuer's word to one client",
            keys="secret",
            policy=policy,
            input=good,
            expect=expect,
        )
