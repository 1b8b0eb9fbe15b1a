"""Tokens shaped like those of real issuers, each with the policy that fits it and near-misses: issuers.json."""

import copy
import json

from corpus import NOW, Area
from decoding import pad
from issuer_tokens import ISSUERS
from jose import b64, compact_json, jwk, oct_jwk, secret, signature, token


def areas():
    area = Area(
        "issuers",
        "Tokens shaped like those of real issuers, with the policy that fits, and near-misses.",
        "authwright: made here, after the issuers' public documentation; names and identifiers are invented",
    )
    for name, issuer in ISSUERS.items():
        one(area, name, **issuer)
    alb(area)
    hs256(area)
    return [area]


def one(
    area, name, claims, policy, header, misses, key="rsa-a", algorithm="RS256", members=None, requires=None, source=None
):
    kid = header.get("kid")
    member = jwk(key, **({"kid": kid} if kid else {}), use="sig", alg=algorithm) | (members or {})
    others = [jwk("rsa-b", kid="older", use="sig", alg="RS256"), jwk("p256-b", kid="enc", use="enc")]
    area.keys[name] = {"jwks": {"keys": [others[0], member, others[1]]}}

    def add(label, changed_claims, changed_policy, expect, changed_header=None, now=None, key_name=None):
        text = token(algorithm, key_name or key, changed_claims, header if changed_header is None else changed_header)
        area.add(
            f"issuers-{name}-{label}",
            source=source,
            requires=requires,
            keys=name,
            policy=changed_policy,
            input=text,
            now=now,
            expect=expect,
        )

    add("accepted", claims, policy, {"claims": claims, "header": {"alg": algorithm} | header})
    add("expired", claims, policy, "ERR_TOKEN_EXPIRED exp", now=int(claims["exp"]) + 31)
    add(
        "forged",
        claims,
        policy,
        "ERR_SIGNATURE_INVALID",
        key_name={"rsa-a": "rsa-b", "p256-a": "p256-b", "ed25519-a": "ed25519-b"}[key],
    )
    add("rotated-away", claims, policy, "ERR_KEY_NOT_FOUND kid", changed_header=header | {"kid": "rotated-away"})
    for label, changes, policy_changes, code in misses:
        changed = {name: value for name, value in (copy.deepcopy(claims) | changes).items() if value is not None}
        changed_policy = {name: value for name, value in (policy | policy_changes).items() if value is not None}
        expect = {"claims": changed} if code is None else code
        add(label, changed, changed_policy, expect)


def alb(area):
    """AWS ALB's x-amzn-oidc-data: ES256, every segment padded, exp in the header too, and no iat."""
    source = "AWS Application Load Balancer's x-amzn-oidc-data: every segment is padded (pyjwt issue 1209)"
    kid = "9de66a54-c2c9-46ac-96b7-87dd62d8d9a4"
    area.keys["aws-alb"] = {"jwk": jwk("p256-a", kid=kid)}
    signer = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/main/50dc6c495c0c9188"
    header = {
        "typ": "JWT",
        "kid": kid,
        "alg": "ES256",
        "iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example",
        "client": "xxxxexample",
        "signer": signer,
        "exp": NOW + 120,
    }
    members = {
        "sub": "1234567890",
        "name": "alice",
        "email": "alice@example.com",
        "username": "alice",
        "exp": NOW + 120,
        "iss": header["iss"],
    }
    while len(compact_json(members)) % 3 == 0 or len(compact_json(header)) % 3 == 0:
        if len(compact_json(members)) % 3 == 0:
            members["name"] += "a"
        if len(compact_json(header)) % 3 == 0:
            header["client"] += "a"
    signed = f"{pad(b64(compact_json(header)))}.{pad(b64(compact_json(members)))}"
    text = f"{signed}.{pad(b64(signature('ES256', 'p256-a', signed.encode())))}"
    assert all(part.endswith("=") for part in text.split("."))
    policy = {"issuer": members["iss"], "algorithms": ["ES256"], "compat": ["padded_base64"]}
    area.add(
        "issuers-aws-alb-accepted",
        source=source,
        keys="aws-alb",
        policy=policy,
        input=text,
        expect={"claims": members, "header": header},
    )
    area.add(
        "issuers-aws-alb-strict",
        source=source + ": never by default",
        keys="aws-alb",
        policy={"issuer": members["iss"]},
        input=text,
        expect="ERR_TOKEN_ENCODING",
    )
    area.add(
        "issuers-aws-alb-expired",
        source=source,
        keys="aws-alb",
        policy=policy,
        now=NOW + 150,
        input=text,
        expect="ERR_TOKEN_EXPIRED exp",
    )
    area.add(
        "issuers-aws-alb-max-age",
        source=source + ": it has no iat",
        keys="aws-alb",
        policy=policy | {"max_token_age": 120},
        input=text,
        expect="ERR_CLAIM_MISSING iat",
    )
    area.add(
        "issuers-aws-alb-padding-stripped",
        source=source + ": the padding is signed",
        keys="aws-alb",
        policy=policy,
        input=text.replace("=", ""),
        expect="ERR_SIGNATURE_INVALID",
    )
    assert json.loads(compact_json(header)) == header


def hs256(area):
    """A shared secret between two services, and issuers that write dates as text."""
    area.keys["shared-secret"] = {"jwk": oct_jwk(secret(32), alg="HS256")}
    source = "two services with a shared secret"
    members = {"iss": "billing", "aud": "orders", "exp": NOW + 60, "iat": NOW, "nbf": NOW}
    policy = {"issuer": "billing", "audience": "orders", "algorithms": ["HS256"], "max_token_age": 60, "leeway": 5}
    for name, changes, code in [
        ("accepted", {}, None),
        ("replayed-late", {"iat": NOW - 66}, "ERR_TOKEN_TOO_OLD iat"),
        ("at-its-age", {"iat": NOW - 65}, None),
        ("other-service", {"iss": "shipping"}, "ERR_ISSUER_MISMATCH iss"),
        ("for-another", {"aud": "shipping"}, "ERR_AUDIENCE_MISMATCH aud"),
        ("clock-ahead", {"iat": NOW + 6}, "ERR_TOKEN_ISSUED_IN_FUTURE iat"),
    ]:
        area.add(
            f"issuers-shared-secret-{name}",
            source=source,
            keys="shared-secret",
            policy=policy,
            input=token("HS256", secret(32), members | changes, {"typ": "JWT"}),
            expect=code or {"claims": members | changes},
        )
    dates = {"iss": "legacy", "exp": str(NOW + 60), "iat": str(NOW)}
    text = token("HS256", secret(32), dates)
    area.add(
        "issuers-string-dates-accepted",
        source="an issuer that writes dates as text: a compat flag",
        keys="shared-secret",
        policy={"issuer": "legacy", "compat": ["string_dates"]},
        input=text,
        expect={"claims": dates},
    )
    area.add(
        "issuers-string-dates-strict",
        source="never by default",
        keys="shared-secret",
        policy={"issuer": "legacy"},
        input=text,
        expect="ERR_CLAIM_TYPE exp",
    )
