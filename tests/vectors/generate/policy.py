"""The policy document itself: policy.json."""

import json

from corpus import AUDIENCE, ISSUER, POLICY, Area, claims
from jose import MATERIAL, jwk, oct_jwk, public_pem, secret, token, uint

KEY = secret(32)
INVALID, UNKNOWN = "ERR_INVALID_ARGUMENT", "ERR_UNKNOWN_OPTION"
MEMBERS = [
    "version",
    "issuer",
    "audience",
    "subject",
    "typ",
    "algorithms",
    "required",
    "claims",
    "leeway",
    "max_token_age",
    "max_token_bytes",
    "compat",
    "profile",
    "dangerous_any_audience",
    "dangerous_no_expiration",
    "dangerous_weak_keys",
]


def areas():
    area = Area(
        "policy",
        "What a policy document may say, and what is refused rather than guessed.",
        "authwright: the policy",
        {"secret": {"jwk": oct_jwk(KEY)}},
    )
    good = token("HS256", KEY, claims())

    def add(name, policy, expect=None, source=None):
        area.add(
            f"policy-{name}",
            source=source,
            keys="secret",
            policy=policy,
            input=good,
            expect=expect or {"claims": claims()},
        )

    # Members that do not exist: a misspelt audiance must never mean "no audience check".
    for name in [
        "audiance",
        "Audience",
        "AUDIENCE",
        "aud",
        "iss",
        "issuers",
        "maxTokenAge",
        "max-token-age",
        "leeway_seconds",
        "clockTolerance",
        "algorithm",
        "verify",
        "verify_signature",
        "options",
        "ignoreExpiration",
        "dangerous_skip_signature",
        "",
        "issuer ",
        "\u0456ssuer",
        "constructor",
        "lifetime",
        "jwt_id",
        "dangerous_everything",
    ]:
        label = {
            "": "empty",
            "issuer ": "trailing-space",
            "\u0456ssuer": "cyrillic",
            "maxTokenAge": "camel-case",
            "Audience": "title-case",
            "AUDIENCE": "upper-case",
        }.get(name, name.lower().replace("_", "-"))
        add(
            f"unknown-{label}",
            POLICY | {name: "x"},
            f"{UNKNOWN} {name}" if name.strip() == name and name else UNKNOWN,
            "authwright: unknown members are an error",
        )
    add("unknown-null", POLICY | {"audiance": None}, f"{UNKNOWN} audiance", "authwright: unknown, whatever its value")
    add("unknown-in-compat", POLICY | {"compat": ["padded_base32"]}, UNKNOWN)
    add("unknown-in-compat-object", POLICY | {"compat": {"lenient": True}}, UNKNOWN)
    add("unknown-in-compat-object-false", POLICY | {"compat": {"lenient": False}}, UNKNOWN)
    add("unknown-dangerous-as-compat", POLICY | {"compat": ["dangerous_any_audience"]}, UNKNOWN)
    # Types.
    wrong = {
        "issuer": [1, True, {}, [], [1], [[ISSUER]], "", [""], [ISSUER, None]],
        "audience": [1, {}, [], [""], "", [None]],
        "subject": [1, False, [], ""],
        "typ": [1, [], "", [1]],
        "algorithms": [1, {}, [], [1], ""],
        "required": [1, {}, [], [1], [""]],
        "claims": ["sub", [], 1, True],
        "leeway": ["30", True, [], {}, -1, 0.5, 2**53],
        "max_token_age": ["300", True, -1, 0.5, 2**53],
        "max_token_bytes": ["65536", True, 0, -1, 0.5],
        "compat": [1, True, [1], [], {"padded_base64": 1}, {"string_dates": "true"}],
        "profile": [1, True, [], ["id_token"], ""],
        "dangerous_any_audience": [1, 0, "true", "", []],
        "dangerous_no_expiration": [1, "yes", {}],
        "dangerous_weak_keys": [1, "true"],
        "version": ["1", 1.5, True, 0, -1, []],
    }
    for member in MEMBERS:
        add(
            f"null-{member.replace('_', '-')}",
            {name: value for name, value in POLICY.items() if name != member} | {member: None},
            f"{INVALID} {member}",
            "authwright: a member that is null is not a member that is absent",
        )
        for position, value in enumerate(wrong[member]):
            base = {name: kept for name, kept in POLICY.items() if name != member}
            add(
                f"type-{member.replace('_', '-')}-{position + 1}",
                base | {member: value},
                f"{INVALID} {member}",
                f"authwright: {member} is not {json.dumps(value)}",
            )
    add(
        "empty-list-of-values",
        POLICY | {"claims": {"tenant": []}},
        f"{INVALID} claims",
        "authwright: a list of values that accepts none",
    )
    # Versions.
    add("version-1", POLICY | {"version": 1})
    add(
        "version-1-exponent",
        json.dumps(POLICY)[:-1] + ', "version": 1.0}',
        f"{INVALID} version",
        "authwright: the version is written as a whole number",
    )
    for version in (2, 3, 1000, 2**31, 2**53):
        add(
            f"version-{version}",
            POLICY | {"version": version},
            "ERR_POLICY_VERSION",
            "authwright: a higher version is not guessed at",
        )
    add(
        "version-2-with-unknown",
        {"version": 2, "something_new": True},
        "ERR_POLICY_VERSION",
        "authwright: the version is looked at first, for a later one may have other members",
    )
    # Contradictions.
    add("audience-and-any", POLICY | {"dangerous_any_audience": True}, INVALID)
    add("audience-and-any-false", POLICY | {"dangerous_any_audience": False})
    # Algorithms.
    for name, value, code in [
        ("unknown", ["HS257"], "ERR_UNSUPPORTED_ALGORITHM"),
        ("one-unknown", ["HS256", "XX"], "ERR_UNSUPPORTED_ALGORITHM"),
        ("none", ["HS256", "none"], "ERR_UNSUPPORTED_ALGORITHM"),
        ("encryption", ["RSA-OAEP"], "ERR_UNSUPPORTED_ALGORITHM"),
        ("wildcard", ["*"], "ERR_UNSUPPORTED_ALGORITHM"),
        ("joined", "HS256,RS256", "ERR_UNSUPPORTED_ALGORITHM"),
        ("ed448", ["Ed448"], "ERR_UNSUPPORTED_ALGORITHM"),
        ("string", "HS256", None),
        ("twice", ["HS256", "HS256"], None),
    ]:
        add(f"algorithms-{name}", POLICY | {"algorithms": value}, code)
    # The document.
    for name, text in [
        ("empty", ""),
        ("array", "[]"),
        ("string", '"{}"'),
        ("null", "null"),
        ("number", "1"),
        ("garbage-behind", "{}x"),
        ("unclosed", "{"),
        ("trailing-comma", '{"leeway":1,}'),
        ("single-quotes", "{'leeway':1}"),
        ("comment", '{/**/"leeway":1}'),
        ("duplicate", '{"leeway":1,"leeway":2}'),
        ("duplicate-issuer", '{"issuer":"a","audience":"b","issuer":"c"}'),
        ("duplicate-escaped", '{"leeway":1,"le\\u0065way":2}'),
        ("duplicate-in-claims", '{"claims":{"a":1,"a":2}}'),
        ("lone-surrogate", '{"issuer":"\\ud800"}'),
        ("nan", '{"leeway":NaN}'),
        ("huge-number", '{"leeway":1e400}'),
        ("control", '{"issuer":"a\tb"}'),
        ("two", "{}{}"),
        ("yaml", "issuer: x"),
    ]:
        add(f"text-{name}", text, INVALID, "authwright: a policy is one strict JSON object")
    add("text-good", json.dumps(POLICY, indent=2))
    add("text-spaces", " \n" + json.dumps(POLICY) + "\r\n ")
    add("text-escaped-names", '{"\\u0069ssuer":"https:\\/\\/id.example","audience":["\\u0061pi"]}')
    # Everything at once, and each flag both ways.
    add(
        "everything",
        {
            "version": 1,
            "issuer": [ISSUER],
            "audience": [AUDIENCE, "web"],
            "subject": ["alice"],
            "algorithms": ["HS256", "HS384"],
            "required": ["sub"],
            "claims": {"sub": "alice"},
            "leeway": 60,
            "max_token_age": 3600,
            "max_token_bytes": 4096,
            "compat": ["padded_base64", "string_dates"],
            "dangerous_any_audience": False,
            "dangerous_no_expiration": False,
            "dangerous_weak_keys": False,
        },
    )
    for member, value in [
        ("leeway", 0),
        ("leeway", 2**53 - 1),
        ("max_token_age", 2**53 - 1),
        ("max_token_bytes", 2**32 - 1),
        ("claims", {}),
        ("compat", {}),
        ("issuer", [ISSUER, ISSUER]),
    ]:
        add(
            f"good-{member.replace('_', '-')}-{json.dumps(value)[:6].strip('[]{}').strip(chr(34)) or 'empty'}",
            POLICY | {member: value},
        )
    empty = claims(aud=None)
    area.add(
        "policy-empty",
        source="authwright: the default policy is strict, and enough for a token without aud",
        keys="secret",
        policy={},
        input=token("HS256", KEY, empty),
        expect={"claims": empty},
    )
    area.add(
        "policy-absent",
        source="the same, without a document",
        keys="secret",
        input=token("HS256", KEY, empty),
        expect={"claims": empty},
    )
    area.add(
        "policy-before-token",
        source="authwright: a policy is checked when the verifier is built, whatever the token",
        keys="secret",
        policy={"audiance": "x"},
        input="not a token",
        expect="ERR_UNKNOWN_OPTION audiance",
    )
    area.add(
        "policy-before-now",
        source="authwright: the policy comes before the clock",
        keys="secret",
        policy={"audiance": "x"},
        now=-1,
        input=good,
        expect="ERR_UNKNOWN_OPTION audiance",
    )
    # The limit of bytes.
    for name, limit, expect in [
        ("exact", len(good), None),
        ("one-less", len(good) - 1, "ERR_TOKEN_TOO_LARGE"),
        ("one", 1, "ERR_TOKEN_TOO_LARGE"),
    ]:
        add(f"max-token-bytes-{name}", POLICY | {"max_token_bytes": limit}, expect)
    weak_keys(area)
    return [area]


def weak_keys(area):
    """dangerous_weak_keys, both ways."""
    source = "RFC 7518 sections 3.2 and 3.3; authwright: dangerous_weak_keys"
    weak = POLICY | {"dangerous_weak_keys": True}
    for size in (1, 16, 31):
        for policy, expect in ((POLICY, "ERR_KEY_TOO_WEAK"), (weak, {"claims": claims()})):
            allowed = "-allowed" if policy is weak else ""
            area.add(
                f"policy-weak-secret-{size}{allowed}",
                source=source,
                keys={"secret": jwk_bytes(size)},
                policy=policy,
                input=token("HS256", secret(size), claims()),
                expect=expect,
            )
    area.add(
        "policy-weak-secret-hs512-of-32",
        source=source,
        keys={"secret": jwk_bytes(32), "alg": "HS512"},
        policy=POLICY,
        input=token("HS512", secret(32), claims()),
        expect="ERR_KEY_TOO_WEAK",
    )
    area.add(
        "policy-weak-secret-hs512-of-32-allowed",
        source=source,
        keys={"secret": jwk_bytes(32), "alg": "HS512"},
        policy=weak,
        input=token("HS512", secret(32), claims()),
        expect={"claims": claims()},
    )
    area.add(
        "policy-weak-secret-hs384-of-32-allowed",
        source=source,
        keys={"secret": jwk_bytes(32)},
        policy=weak,
        input=token("HS384", secret(32), claims()),
        expect={"claims": claims()},
    )
    key = {"pem": public_pem("rsa-1024")}
    area.add(
        "policy-weak-rsa-1024",
        source=source,
        keys=key,
        policy=POLICY,
        input=token("RS256", "rsa-1024", claims()),
        expect="ERR_KEY_TOO_WEAK",
    )
    area.add(
        "policy-weak-rsa-1024-allowed",
        source=source,
        keys=key,
        policy=weak,
        input=token("RS256", "rsa-1024", claims()),
        expect={"claims": claims()},
    )
    area.add(
        "policy-weak-rsa-1024-allowed-bad-signature",
        source=source,
        keys=key,
        policy=weak,
        input=token("RS256", "rsa-1024", claims())[:-4] + "AAAA",
        expect="ERR_SIGNATURE_INVALID",
    )
    area.add(
        "policy-weak-rsa-certificate",
        source=source,
        keys={"pem": MATERIAL["certificates"]["rsa-1024"]},
        policy=POLICY,
        input=token("RS256", "rsa-1024", claims()),
        expect="ERR_KEY_TOO_WEAK",
    )
    tiny = {"kty": "RSA", "n": uint((1 << 1022) + 1), "e": "AQAB"}
    area.add(
        "policy-weak-rsa-1023-allowed",
        source="authwright: RSA below 1024 bits is refused whatever the policy says",
        keys={"jwk": tiny},
        policy=weak,
        input=token("RS256", "rsa-1024", claims()),
        expect="ERR_KEY_TOO_WEAK",
    )
    in_set = {"jwks": {"keys": [jwk("rsa-1024", kid="weak"), jwk("rsa-a", kid="strong")]}}
    area.add(
        "policy-weak-rsa-in-set",
        source="authwright: in a set, a weak key is passed over",
        keys=in_set,
        policy=POLICY,
        input=token("RS256", "rsa-1024", claims(), {"kid": "weak"}),
        expect="ERR_KEY_NOT_FOUND",
    )
    area.add(
        "policy-weak-rsa-in-set-other-key",
        source="authwright: and does not fail the set",
        keys=in_set,
        policy=POLICY,
        input=token("RS256", "rsa-a", claims(), {"kid": "strong"}),
        expect={"claims": claims()},
    )
    area.add(
        "policy-weak-rsa-in-set-allowed",
        source=source,
        keys=in_set,
        policy=weak,
        input=token("RS256", "rsa-1024", claims(), {"kid": "weak"}),
        expect={"claims": claims()},
    )


def jwk_bytes(size):
    return oct_jwk(secret(size))["k"]
