"""Signing claims: what is added, what contradicts, what is refused: signing.json."""

from corpus import AUDIENCE, ISSUER, NOW, Area, claims
from jose import jwk, oct_jwk, public_pem, secret

INVALID, MISMATCH, MISSING, TYPE = "ERR_INVALID_ARGUMENT", "ERR_CLAIM_MISMATCH", "ERR_CLAIM_MISSING", "ERR_CLAIM_TYPE"
OPTIONS = {"issuer": ISSUER, "audience": AUDIENCE, "lifetime": 900}
POLICY = {"issuer": ISSUER, "audience": AUDIENCE}
PRIVATE = {
    "rsa": "rsa-a",
    "p256": "p256-a",
    "p384": "p384",
    "p521": "p521",
    "k256": "k256",
    "ed25519": "ed25519-a",
}


def areas():
    keys = {name: {"jwk": jwk(key, True)} for name, key in PRIVATE.items()}
    keys |= {f"secret-{size}": {"jwk": oct_jwk(secret(size))} for size in (32, 48, 64)}
    keys["rsa-public"] = {"pem": public_pem("rsa-a")}
    area = Area(
        "signing",
        "What a signer adds to claims, and what it refuses.",
        "authwright: the signing rules",
        keys,
    )

    def add(name, given, expect=None, options=None, keys="secret-32", policy=None, source=None, requires=None, now=NOW):
        area.add(
            f"signing-{name}",
            source=source,
            requires=requires,
            operation="sign",
            keys=keys,
            policy=policy,
            options=OPTIONS if options is None else options,
            now=now,
            input=given,
            expect=expect,
        )

    every_algorithm(add)
    added(add)
    contradictions(add)
    expiry(add)
    headers(add)
    options(add)
    claim_types(add)
    key_permissions(add)
    return [area]


def done(header=None, **changes):
    """The expected answer: claims with OPTIONS applied at NOW."""
    members = {"iss": ISSUER, "aud": AUDIENCE, "iat": NOW, "exp": NOW + 900} | changes
    return {
        "claims": {name: value for name, value in members.items() if value is not None},
        "header": {"alg": "HS256", "typ": "JWT"} | (header or {}),
    }


def every_algorithm(add):
    needs = {"p521": ["ES512"], "k256": ["ES256K"]}
    for key, default, others in [
        ("secret-32", "HS256", []),
        ("secret-48", "HS256", ["HS384"]),
        ("secret-64", "HS256", ["HS384", "HS512"]),
        ("rsa", "RS256", ["RS384", "RS512", "PS256", "PS384", "PS512"]),
        ("p256", "ES256", ["ES256"]),
        ("p384", "ES384", []),
        ("p521", "ES512", []),
        ("k256", "ES256K", []),
        ("ed25519", "EdDSA", ["Ed25519"]),
    ]:
        add(
            f"{key}-default",
            {"sub": "alice"},
            done({"alg": default}, sub="alice"),
            keys=key,
            policy=POLICY,
            requires=needs.get(key),
            source="authwright: RSA without alg signs RS256, a secret HS256, Ed25519 EdDSA",
        )
        for algorithm in others:
            add(
                f"{key}-{algorithm.lower()}",
                {"sub": "alice"},
                done({"alg": algorithm}, sub="alice"),
                OPTIONS | {"algorithm": algorithm},
                key,
                POLICY,
            )
    for name, alg in [
        ("rsa-a", "PS256"),
        ("rsa-a", "RS512"),
        ("ed25519-a", "Ed25519"),
        ("ed25519-a", "EdDSA"),
        ("p256-a", "ES256"),
    ]:
        add(
            f"key-alg-{alg.lower()}",
            {},
            done({"alg": alg}),
            keys={"jwk": jwk(name, True, alg=alg)},
            policy=POLICY,
            source="authwright: a key with alg does that algorithm only; signing emits the key's own label",
        )
    for name, key, algorithm in [
        ("rsa-es256", "rsa", "ES256"),
        ("rsa-hs256", "rsa", "HS256"),
        ("p256-es384", "p256", "ES384"),
        ("p256-es256k", "p256", "ES256K"),
        ("secret-rs256", "secret-64", "RS256"),
        ("ed25519-es256", "ed25519", "ES256"),
    ]:
        add(
            f"mismatch-{name}",
            {},
            "ERR_KEY_MISMATCH",
            OPTIONS | {"algorithm": algorithm},
            key,
            source="authwright: the key does not do the algorithm",
        )
    add(
        "mismatch-key-alg",
        {},
        "ERR_KEY_MISMATCH",
        OPTIONS | {"algorithm": "RS256"},
        {"jwk": jwk("rsa-a", True, alg="PS256")},
        source="authwright: a key with alg does that algorithm only",
    )
    for algorithm in ("HS384", "HS512"):
        add(
            f"weak-{algorithm.lower()}",
            {},
            "ERR_KEY_TOO_WEAK",
            OPTIONS | {"algorithm": algorithm},
            source="RFC 7518 section 3.2",
        )
        add(
            f"weak-{algorithm.lower()}-allowed",
            {},
            done({"alg": algorithm}),
            OPTIONS | {"algorithm": algorithm, "dangerous_weak_keys": True},
            policy=POLICY | {"dangerous_weak_keys": True},
            source="RFC 7518 section 3.2; dangerous_weak_keys",
        )
    add("weak-short", {}, "ERR_KEY_TOO_WEAK", keys={"secret": "c2VjcmV0"}, source="RFC 7518 section 3.2")
    add(
        "weak-short-allowed",
        {},
        done(),
        OPTIONS | {"dangerous_weak_keys": True},
        {"secret": "c2VjcmV0"},
        POLICY | {"dangerous_weak_keys": True},
    )
    add(
        "weak-short-verified-strictly",
        {},
        "ERR_KEY_TOO_WEAK",
        OPTIONS | {"dangerous_weak_keys": True},
        {"secret": "c2VjcmV0"},
        POLICY,
        source="authwright: what one side allows, the other still refuses",
    )
    add("algorithm-unknown", {}, "ERR_UNSUPPORTED_ALGORITHM", OPTIONS | {"algorithm": "HS257"})
    add("algorithm-lower-case", {}, "ERR_UNSUPPORTED_ALGORITHM", OPTIONS | {"algorithm": "hs256"})
    add("public-key", {}, "ERR_KEY_NOT_PRIVATE", keys="rsa-public", source="authwright: signing needs the private key")
    add("public-key-other-algorithm", {}, "ERR_KEY_MISMATCH", OPTIONS | {"algorithm": "ES256"}, "rsa-public")


def added(add):
    add("empty-claims", {}, done(), policy=POLICY)
    add(
        "claims-kept",
        {
            "sub": "alice",
            "scope": "read write",
            "n": 1.5,
            "list": [1, "a", None, {}],
            "nested": {"a": {"b": True}},
            "ünï": "\U0001f600",
        },
        done(
            sub="alice",
            scope="read write",
            n=1.5,
            list=[1, "a", None, {}],
            nested={"a": {"b": True}},
            ünï="\U0001f600",
        ),
        policy=POLICY,
    )
    add(
        "iat-kept",
        {"iat": NOW - 100},
        done(iat=NOW - 100),
        policy=POLICY,
        source="authwright: iat may be given in the claims",
    )
    add("iat-kept-fraction", {"iat": NOW - 0.5}, done(iat=NOW - 0.5), policy=POLICY)
    add("nbf-kept", {"nbf": NOW}, done(nbf=NOW), policy=POLICY)
    add("subject", {}, done(sub="alice"), OPTIONS | {"subject": "alice"}, policy=POLICY | {"subject": "alice"})
    add(
        "audience-list",
        {},
        done(aud=["api", "web"]),
        OPTIONS | {"audience": ["api", "web"]},
        policy=POLICY,
        source="RFC 7519 section 4.1.3: several audiences are a list",
    )
    add(
        "audience-list-of-one",
        {},
        done(aud=["api"]),
        OPTIONS | {"audience": ["api"]},
        policy=POLICY,
        source="authwright: a list stays a list",
    )
    add(
        "no-issuer-no-audience",
        {"sub": "a"},
        {"claims": {"sub": "a", "iat": NOW, "exp": NOW + 60}},
        {"lifetime": 60},
        policy={},
    )
    add(
        "claims-bring-everything",
        claims(),
        {"claims": claims(), "header": {"alg": "HS256", "typ": "JWT"}},
        {},
        policy=POLICY,
    )
    add(
        "jwt-id",
        {},
        {"header": {"alg": "HS256", "typ": "JWT"}},
        OPTIONS | {"jwt_id": True},
        policy=POLICY | {"required": ["jti"]},
        source="RFC 7519 section 4.1.7: a random jti",
    )
    add(
        "jwt-id-given",
        {"jti": "mine"},
        done(jti="mine"),
        OPTIONS | {"jwt_id": True},
        policy=POLICY,
        source="authwright: a jti in the claims is kept",
    )
    add("jwt-id-false", {}, done(), OPTIONS | {"jwt_id": False}, policy=POLICY)
    add(
        "jwt-id-absent",
        {},
        MISSING + " jti",
        policy=POLICY | {"required": ["jti"]},
        source="authwright: no jti unless asked for",
    )
    add(
        "prototype",
        {"__proto__": {"exp": 1}, "constructor": 1},
        done(__proto__={"exp": 1}, constructor=1),
        policy=POLICY,
        source="prototype pollution: names are names",
    )
    add(
        "clock-zero",
        {},
        {"claims": {"iat": 0, "exp": 60}},
        {"lifetime": 60},
        policy={},
        now=0,
        source="authwright: a clock at 0 is a clock at 0",
    )
    add("clock-negative", {}, INVALID + " now", {"lifetime": 60}, now=-1)
    add("clock-2106", {}, {"claims": {"iat": 2**32, "exp": 2**32 + 60}}, {"lifetime": 60}, policy={}, now=2**32)


def contradictions(add):
    for name, options, given in [
        ("iss", {"issuer": ISSUER}, {"iss": "https://other.example"}),
        ("sub", {"subject": "alice"}, {"sub": "bob"}),
        ("aud", {"audience": "api"}, {"aud": "web"}),
        ("aud-list", {"audience": ["api", "web"]}, {"aud": ["api"]}),
        ("aud-order", {"audience": ["api", "web"]}, {"aud": ["web", "api"]}),
        ("exp", {"lifetime": 60}, {"exp": NOW + 61}),
        ("exp-earlier", {"lifetime": 60}, {"exp": NOW + 59}),
    ]:
        base = {"lifetime": 60}
        add(
            f"contradiction-{name}",
            given,
            f"{MISMATCH} {name.split('-')[0]}",
            base | options,
            source="authwright: a claim that contradicts an option is an error",
        )
    add(
        "same-iss",
        {"iss": ISSUER},
        done(),
        policy=POLICY,
        source="authwright: the same value twice is no contradiction",
    )
    add("same-aud", {"aud": AUDIENCE}, done(), policy=POLICY)
    add("same-exp", {"exp": NOW + 900}, done(), policy=POLICY)
    add("same-sub", {"sub": "alice"}, done(sub="alice"), OPTIONS | {"subject": "alice"}, policy=POLICY)
    add(
        "case-differs-is-another-claim",
        {"ISS": "x"},
        done(ISS="x"),
        policy=POLICY,
        source="RFC 7519 section 4: names are case-sensitive",
    )
    add("nested-is-another-claim", {"act": {"iss": "x", "exp": 1}}, done(act={"iss": "x", "exp": 1}), policy=POLICY)


def expiry(add):
    add("no-expiration", {"sub": "a"}, MISSING + " exp", {}, source="authwright: no lifetime and no exp is an error")
    add(
        "no-expiration-allowed",
        {"sub": "a"},
        {"claims": {"sub": "a", "iat": NOW}},
        {"dangerous_no_expiration": True},
        policy={"dangerous_no_expiration": True},
    )
    add(
        "no-expiration-verified-strictly",
        {"sub": "a"},
        MISSING + " exp",
        {"dangerous_no_expiration": True},
        policy={},
        source="authwright: what one side allows, the other still refuses",
    )
    add("no-expiration-flag-false", {"sub": "a"}, MISSING + " exp", {"dangerous_no_expiration": False})
    add("no-expiration-with-lifetime", {}, done(), OPTIONS | {"dangerous_no_expiration": True}, policy=POLICY)
    add("exp-in-claims", {"exp": NOW + 5}, {"claims": {"exp": NOW + 5, "iat": NOW}}, {}, policy={})
    add("exp-fraction-in-claims", {"exp": NOW + 5.5}, {"claims": {"exp": NOW + 5.5, "iat": NOW}}, {}, policy={})
    add(
        "exp-past-in-claims",
        {"exp": 1},
        {"claims": {"exp": 1, "iat": NOW}},
        {},
        source="authwright: a signer signs what it is told to",
    )
    add("lifetime-one", {}, done(exp=NOW + 1), OPTIONS | {"lifetime": 1}, policy=POLICY)
    add("lifetime-long", {}, done(exp=NOW + 10**9), OPTIONS | {"lifetime": 10**9}, policy=POLICY)
    for name, value in [
        ("zero", 0),
        ("negative", -1),
        ("fraction", 0.5),
        ("string", "900"),
        ("true", True),
        ("null", None),
        ("limit", 2**53),
    ]:
        add(
            f"lifetime-{name}",
            {},
            INVALID + " lifetime",
            {"lifetime": value},
            source="authwright: whole seconds, at least one",
        )
    add(
        "lifetime-beyond-dates",
        {},
        INVALID + " lifetime",
        {"lifetime": 2**53 - 1},
        source="authwright: exp stays below 2^53",
    )


def headers(add):
    add("typ", {}, done({"typ": "at+jwt"}), OPTIONS | {"typ": "at+jwt"}, policy=POLICY | {"typ": "at+jwt"})
    add(
        "headers",
        {},
        done({"cty": "x", "x5t": "AAAA", "nested": {"a": [1, None]}}),
        OPTIONS | {"headers": {"cty": "x", "x5t": "AAAA", "nested": {"a": [1, None]}}},
        policy=POLICY,
    )
    add("headers-empty", {}, done(), OPTIONS | {"headers": {}}, policy=POLICY)
    for name in ("alg", "kid", "crit", "b64", "typ"):
        value = ["x"] if name == "crit" else "x"
        add(
            f"headers-{name}",
            {},
            INVALID + " headers",
            OPTIONS | {"headers": {name: value}},
            source="authwright: the key or an option of its own sets it",
        )
    add(
        "headers-crit-and-extension",
        {},
        INVALID + " headers",
        OPTIONS | {"headers": {"crit": ["x"], "x": 1}},
        source="authwright: a crit of its own is refused",
    )
    for name, value in [("string", "x"), ("list", []), ("null", None), ("number", 1)]:
        add(f"headers-is-{name}", {}, INVALID + " headers", OPTIONS | {"headers": value})
    add(
        "kid",
        {},
        done({"kid": "2026-11"}),
        keys={"jwk": oct_jwk(secret(32), kid="2026-11")},
        policy=POLICY,
        source="authwright: the key's kid goes into the header",
    )
    add("kid-option", {}, done({"alg": "RS256", "kid": "k"}), keys={"jwk": jwk("rsa-a", True, kid="k")}, policy=POLICY)
    add("kid-empty", {}, done({"kid": ""}), keys={"jwk": oct_jwk(secret(32), kid="")}, policy=POLICY)
    add(
        "kid-unicode",
        {},
        done({"kid": 'schlüssel "1"'}),
        keys={"jwk": oct_jwk(secret(32), kid='schlüssel "1"')},
        policy=POLICY,
    )
    add(
        "kid-none-by-itself",
        {},
        done({"alg": "ES256"}),
        keys="p256",
        policy=POLICY,
        source="authwright: an imported key has its own kid or none",
    )


def options(add):
    for name in ("expiresIn", "isuer", "exp", "kid", "alg", "leeway", "notBefore", "jti", "version", ""):
        label = name.lower() or "empty"
        add(
            f"unknown-{label}",
            {},
            f"ERR_UNKNOWN_OPTION {name}" if name else "ERR_UNKNOWN_OPTION",
            OPTIONS | {name: "x"},
            source="authwright: unknown options are an error",
        )
    for member, values in {
        "issuer": [1, "", ["a"], None, {}],
        "subject": [1, "", None],
        "audience": [1, "", [], [1], [""], None],
        "typ": [1, "", None],
        "jwt_id": ["x", 1, None],
        "algorithm": [1, "", None],
        "dangerous_no_expiration": [1, "true", None],
        "dangerous_weak_keys": [1, None],
    }.items():
        for position, value in enumerate(values):
            add(
                f"type-{member.replace('_', '-')}-{position + 1}",
                {},
                f"{INVALID} {member}",
                {name: kept for name, kept in OPTIONS.items() if name != member} | {member: value},
                source="authwright: an option of the wrong type",
            )


def claim_types(add):
    for name, given, claim in [
        ("iss-number", {"iss": 1}, "iss"),
        ("sub-number", {"sub": 1}, "sub"),
        ("sub-null", {"sub": None}, "sub"),
        ("aud-number", {"aud": 1}, "aud"),
        ("aud-mixed", {"aud": ["a", 1]}, "aud"),
        ("aud-object", {"aud": {}}, "aud"),
        ("exp-string", {"exp": "1700000600"}, "exp"),
        ("exp-null", {"exp": None}, "exp"),
        ("exp-negative", {"exp": -1}, "exp"),
        ("exp-limit", {"exp": 2**53}, "exp"),
        ("nbf-string", {"nbf": "x"}, "nbf"),
        ("iat-true", {"iat": True}, "iat"),
        ("iat-negative", {"iat": -1}, "iat"),
        ("jti-number", {"jti": 1}, "jti"),
    ]:
        add(
            f"claim-{name}",
            given,
            f"{TYPE} {claim}",
            {} if claim == "exp" else {"lifetime": 60},
            source="RFC 7519 section 4.1: what a verifier would refuse is not signed",
        )


def key_permissions(add):
    for name, members, fits in [
        ("use-sig", {"use": "sig"}, True),
        ("use-enc", {"use": "enc"}, False),
        ("ops-sign", {"key_ops": ["sign"]}, True),
        ("ops-verify", {"key_ops": ["verify"]}, False),
        ("ops-both", {"key_ops": ["verify", "sign"]}, True),
        ("ops-empty", {"key_ops": []}, False),
        ("ops-decrypt", {"key_ops": ["decrypt"]}, False),
    ]:
        add(
            f"key-{name}",
            {},
            done({"alg": "ES256"}) if fits else "ERR_KEY_MISMATCH",
            keys={"jwk": jwk("p256-a", True, **members)},
            policy=POLICY,
            source="RFC 7517 sections 4.2 and 4.3",
        )
    add(
        "key-secret-ops-sign-only",
        {},
        done(),
        keys={"jwk": oct_jwk(secret(32), key_ops=["sign"])},
        source="RFC 7517 section 4.3",
    )
    add(
        "key-secret-ops-verify-only",
        {},
        "ERR_KEY_MISMATCH",
        keys={"jwk": oct_jwk(secret(32), key_ops=["verify"])},
        source="RFC 7517 section 4.3",
    )
