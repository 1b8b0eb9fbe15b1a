"""Every check on claims, on both sides of its boundary: claims.json."""

import json

from corpus import AUDIENCE, ISSUER, NOW, POLICY, Area, claims, dump
from jose import compact_json, oct_jwk, secret, token

KEY = secret(32)
LEEWAY = 30
LIMIT = 2**53


def signed(members, header=None):
    return token("HS256", KEY, members, header)


def raw(**texts):
    """Good claims with members whose JSON text is given, for numbers and strings that `json` would write otherwise."""
    kept = compact_json(claims(**dict.fromkeys(texts)))
    return kept[:-1] + "".join(f',"{name}":{text}' for name, text in texts.items()) + "}"


def areas():
    area = Area(
        "claims",
        "Dates, iss, aud, sub, typ, required and exact claims, on both sides of each boundary.",
        "authwright: the verification rules",
        {"secret": {"jwk": oct_jwk(KEY)}},
    )
    dates(area)
    ages(area)
    names(area)
    audiences(area)
    types(area)
    required(area)
    exact(area)
    order(area)
    return [area]


def check(area, identifier, text, fails=None, policy=None, now=None, source=None, header=None):
    """`text`: claims as an object or as JSON text. Accepted, unless `fails` names the error."""
    members = text if isinstance(text, dict) else json.loads(text)
    area.add(
        f"claims-{identifier}",
        source=source,
        keys="secret",
        policy=POLICY if policy is None else policy,
        now=now,
        input=signed(text, header),
        expect=fails or {"claims": members},
    )


def dates(area):
    # exp: expired when now >= exp + leeway.
    for name, exp, fails in [
        ("exp-last-second", NOW - LEEWAY + 1, False),
        ("exp-at-leeway", NOW - LEEWAY, True),
        ("exp-after-leeway", NOW - LEEWAY - 1, True),
        ("exp-fraction-before", NOW - LEEWAY + 0.5, False),
        ("exp-fraction-after", NOW - LEEWAY - 0.5, True),
        ("exp-now", NOW, False),
        ("exp-zero", 0, True),
        ("exp-largest", LIMIT - 1, False),
        ("exp-smallest-fraction", 0.001, True),
    ]:
        check(area, name, claims(exp=exp), "ERR_TOKEN_EXPIRED exp" if fails else None)
    for leeway, exp, fails in [
        (0, NOW, True),
        (0, NOW + 1, False),
        (0, NOW + 0.5, False),
        (600, NOW - 599, False),
        (600, NOW - 600, True),
        (LIMIT - 1, 0, False),
    ]:
        name = f"exp-leeway-{leeway}-{'refused' if fails else 'accepted'}" + (
            "-fraction" if isinstance(exp, float) else ""
        )
        check(area, name, claims(exp=exp), "ERR_TOKEN_EXPIRED exp" if fails else None, POLICY | {"leeway": leeway})
    # nbf and iat: in the future when > now + leeway.
    for claim, code in (("nbf", "ERR_TOKEN_NOT_YET_VALID"), ("iat", "ERR_TOKEN_ISSUED_IN_FUTURE")):
        for name, value, fails in [
            ("past", NOW - 100_000, False),
            ("now", NOW, False),
            ("at-leeway", NOW + LEEWAY, False),
            ("after-leeway", NOW + LEEWAY + 1, True),
            ("fraction-before", NOW + LEEWAY - 0.5, False),
            ("fraction-after", NOW + LEEWAY + 0.5, True),
            ("zero", 0, False),
            ("largest", LIMIT - 1, True),
        ]:
            check(area, f"{claim}-{name}", claims(**{claim: value}), f"{code} {claim}" if fails else None)
        check(area, f"{claim}-no-leeway-now", claims(**{claim: NOW}), None, POLICY | {"leeway": 0})
        check(area, f"{claim}-no-leeway-refused", claims(**{claim: NOW + 1}), f"{code} {claim}", POLICY | {"leeway": 0})
        check(area, f"{claim}-wide-leeway", claims(**{claim: NOW + 600}), None, POLICY | {"leeway": 600})
    check(area, "iat-absent", claims(iat=None), source="authwright: nbf and iat are checked when present")
    check(area, "nbf-and-exp-window", claims(nbf=NOW - 1, exp=NOW + 1))
    check(
        area,
        "nbf-after-exp",
        claims(nbf=NOW + 20, exp=NOW - 20),
        None,
        source="authwright: leeway applies to both, and they are not compared with each other",
    )
    # Types and ranges.
    for claim in ("exp", "nbf", "iat"):
        for name, text in [
            ("string", '"1700000600"'),
            ("null", "null"),
            ("true", "true"),
            ("list", "[1700000600]"),
            ("object", "{}"),
            ("negative", "-1"),
            ("limit", str(LIMIT)),
            ("huge", "1e300"),
            ("empty-string", '""'),
        ]:
            check(
                area,
                f"{claim}-{name}",
                raw(**{claim: text}),
                f"ERR_CLAIM_TYPE {claim}",
                source="RFC 7519 section 2, NumericDate; authwright: 0 <= t < 2^53",
            )
    check(area, "exp-negative-fraction", raw(exp="-0.5"), "ERR_CLAIM_TYPE exp")
    check(
        area,
        "exp-two-to-64",
        raw(exp="18446744073709551616"),
        "ERR_CLAIM_TYPE exp",
        source="numeric overflow: 2^64 crashes one library and wraps to 0 in another",
    )
    check(
        area,
        "exp-two-to-64-plus",
        raw(exp="18446744075409552216"),
        "ERR_CLAIM_TYPE exp",
        source="numeric overflow: 2^64 + NOW + 600",
    )
    check(area, "exp-two-to-63", raw(exp="9223372036854775808"), "ERR_CLAIM_TYPE exp", source="numeric overflow")
    check(area, "exp-just-below-limit", raw(exp="9007199254740991.0"), source="authwright: t < 2^53")
    check(area, "exp-exponent", raw(exp="1.7000006e9"), source="RFC 8259 section 6: the same number")
    check(
        area,
        "exp-exponent-expired",
        raw(exp="17e8"),
        "ERR_TOKEN_EXPIRED exp",
        now=NOW + LEEWAY,
        source="RFC 8259 section 6",
    )
    check(area, "exp-exponent-negative", raw(exp="17000006000e-1"), source="RFC 8259 section 6")
    check(
        area, "exp-trailing-fraction", raw(exp="1700000600.0"), source="floats in dates, as jwt-cpp issue 239 reports"
    )
    check(area, "exp-minus-zero", raw(exp="-0"), "ERR_TOKEN_EXPIRED exp", source="authwright: -0 is 0")
    # exp is required.
    check(area, "exp-absent", claims(exp=None), "ERR_CLAIM_MISSING exp", source="authwright: exp is required")
    relaxed = POLICY | {"dangerous_no_expiration": True}
    check(area, "exp-absent-allowed", claims(exp=None), None, relaxed)
    check(
        area,
        "exp-present-still-checked",
        claims(exp=NOW - 100),
        "ERR_TOKEN_EXPIRED exp",
        relaxed,
        source="authwright: dangerous_no_expiration lets exp be absent, not be over",
    )
    check(area, "exp-type-still-checked", raw(exp="null"), "ERR_CLAIM_TYPE exp", relaxed)
    check(
        area, "exp-flag-false", claims(exp=None), "ERR_CLAIM_MISSING exp", POLICY | {"dangerous_no_expiration": False}
    )
    check(
        area,
        "exp-other-case",
        claims(exp=None, EXP=NOW + 600),
        "ERR_CLAIM_MISSING exp",
        source="RFC 7519 section 4: names are case-sensitive",
    )
    check(area, "exp-nested-does-not-count", claims(exp=None, inner={"exp": NOW + 600}), "ERR_CLAIM_MISSING exp")
    check(
        area,
        "exp-escaped-name",
        compact_json(claims(exp=None))[:-1] + ',"\\u0065xp":1700000600}',
        None,
        source="authwright: names are compared after unescaping",
    )
    check(
        area,
        "exp-escaped-name-expired",
        compact_json(claims(exp=None))[:-1] + ',"\\u0065x\\u0070":1600000600}',
        "ERR_TOKEN_EXPIRED exp",
        source="authwright: names are compared after unescaping",
    )
    # The clock.
    check(area, "clock-zero", claims(exp=10, iat=0), None, now=0, source="authwright: a clock at 0 is a clock at 0")
    check(area, "clock-zero-iat-refused", claims(exp=100, iat=31), "ERR_TOKEN_ISSUED_IN_FUTURE iat", now=0)
    check(area, "clock-zero-exp-in-leeway", claims(exp=0, iat=0), None, now=0)
    check(area, "clock-zero-exp-over", claims(exp=0, iat=0), "ERR_TOKEN_EXPIRED exp", POLICY | {"leeway": 0}, now=0)
    check(area, "clock-negative", claims(), "ERR_INVALID_ARGUMENT now", now=-1)
    check(area, "clock-far-future", claims(exp=LIMIT - 1), None, now=LIMIT - 2)
    check(area, "clock-beyond-dates", claims(exp=LIMIT - 1), "ERR_TOKEN_EXPIRED exp", now=LIMIT - 1 + LEEWAY)
    # compat string_dates.
    lenient = POLICY | {"compat": ["string_dates"]}
    for claim in ("exp", "nbf", "iat"):
        good = "1700000600" if claim == "exp" else "1699999000"
        check(area, f"string-dates-{claim}", raw(**{claim: f'"{good}"'}), None, lenient)
        check(area, f"string-dates-{claim}-number", claims(**{claim: int(good)}), None, lenient)
    check(area, "string-dates-expired", raw(exp='"1600000000"'), "ERR_TOKEN_EXPIRED exp", lenient)
    check(area, "string-dates-nbf-refused", raw(nbf='"1800000000"'), "ERR_TOKEN_NOT_YET_VALID nbf", lenient)
    check(area, "string-dates-object-form", raw(exp='"1700000600"'), None, POLICY | {"compat": {"string_dates": True}})
    check(
        area,
        "string-dates-object-false",
        raw(exp='"1700000600"'),
        "ERR_CLAIM_TYPE exp",
        POLICY | {"compat": {"string_dates": False}},
    )
    for name, text in [
        ("empty", ""),
        ("space", " 1700000600"),
        ("plus", "+1700000600"),
        ("minus", "-1"),
        ("hex", "0x6553f358"),
        ("iso", "2023-11-14T22:23:20Z"),
        ("nan", "NaN"),
        ("infinity", "Infinity"),
        ("huge", "9" * 400),
        ("arabic-digits", "\u0661\u0667\u0660\u0660"),
        ("underscore", "1_700_000_600"),
    ]:
        check(
            area,
            f"string-dates-{name}",
            claims(exp=text),
            "ERR_CLAIM_TYPE exp",
            lenient,
            source="authwright: string_dates takes decimal digits and nothing else",
        )


def ages(area):
    aged = POLICY | {"max_token_age": 300}
    for name, iat, fails in [
        ("fresh", NOW, None),
        ("at-limit", NOW - 300 - LEEWAY, None),
        ("over", NOW - 300 - LEEWAY - 1, "ERR_TOKEN_TOO_OLD iat"),
        ("fraction-over", NOW - 300 - LEEWAY - 0.5, "ERR_TOKEN_TOO_OLD iat"),
        ("fraction-under", NOW - 300 - LEEWAY + 0.5, None),
        ("zero", 0, "ERR_TOKEN_TOO_OLD iat"),
        ("absent", None, "ERR_CLAIM_MISSING iat"),
    ]:
        check(
            area,
            f"max-age-{name}",
            claims(iat=iat),
            fails,
            aged,
            source="authwright: too old when now > iat + max_token_age + leeway",
        )
    check(area, "max-age-no-leeway", claims(iat=NOW - 301), "ERR_TOKEN_TOO_OLD iat", aged | {"leeway": 0})
    check(area, "max-age-of-zero", claims(iat=NOW), None, POLICY | {"max_token_age": 0, "leeway": 0})
    check(
        area,
        "max-age-of-zero-over",
        claims(iat=NOW - 1),
        "ERR_TOKEN_TOO_OLD iat",
        POLICY | {"max_token_age": 0, "leeway": 0},
    )
    check(area, "max-age-future-iat", claims(iat=NOW + 31), "ERR_TOKEN_ISSUED_IN_FUTURE iat", aged)


def names(area):
    for claim, option, code, good in [
        ("iss", "issuer", "ERR_ISSUER_MISMATCH", ISSUER),
        ("sub", "subject", "ERR_SUBJECT_MISMATCH", "alice"),
    ]:
        policy = POLICY | {option: good}
        check(area, f"{claim}-equal", claims(), None, policy)
        check(area, f"{claim}-list-first", claims(), None, policy | {option: [good, "other"]})
        check(area, f"{claim}-list-last", claims(), None, policy | {option: ["other", good]})
        check(area, f"{claim}-list-none", claims(), f"{code} {claim}", policy | {option: ["other", "another"]})
        check(
            area,
            f"{claim}-absent",
            claims(**{claim: None}),
            f"ERR_CLAIM_MISSING {claim}",
            policy,
            source="authwright: an expectation implies presence",
        )
        for name, value in [
            ("longer", good + "x"),
            ("shorter", good[:-1]),
            ("trailing-slash", good + "/"),
            ("space-before", " " + good),
            ("space-after", good + " "),
            ("upper", good.upper()),
            ("empty", ""),
            ("contains", "x" + good + "x"),
            ("nul", good + "\0"),
            ("other", "mallory"),
        ]:
            check(
                area,
                f"{claim}-{name}",
                claims(**{claim: value}),
                f"{code} {claim}",
                policy,
                source="RFC 7519 section 2: StringOrURI values are compared as they are",
            )
        for name, value in [("number", 7), ("true", True), ("list", [good]), ("object", {"name": good})]:
            check(
                area,
                f"{claim}-{name}",
                claims(**{claim: value}),
                f"ERR_CLAIM_TYPE {claim}",
                policy,
                source="authwright: an expectation implies the type",
            )
        check(area, f"{claim}-null", raw(**{claim: "null"}), f"ERR_CLAIM_TYPE {claim}", policy)
        check(
            area,
            f"{claim}-escaped",
            raw(**{claim: dump(good).replace("i", "\\u0069")}),
            None,
            policy,
            source="authwright: strings are compared after unescaping",
        )
    check(
        area,
        "iss-not-expected",
        claims(iss="https://anyone.example"),
        None,
        {"audience": AUDIENCE},
        source="authwright: an issuer that is not expected is not looked at",
    )
    check(area, "sub-not-expected", claims(sub=None), None)
    check(
        area, "iss-unicode", claims(iss="https://bücher.example"), None, POLICY | {"issuer": "https://bücher.example"}
    )
    check(
        area,
        "iss-unicode-normal-form",
        claims(iss="https://bu\u0308cher.example"),
        "ERR_ISSUER_MISMATCH iss",
        POLICY | {"issuer": "https://bücher.example"},
        source="RFC 7519 section 7.3: no Unicode normalisation",
    )
    check(
        area,
        "iss-surrogate-pair",
        raw(iss='"\\ud83d\\ude00"'),
        None,
        POLICY | {"issuer": "\U0001f600"},
        source="RFC 8259 section 7: an escaped pair is one character",
    )


def audiences(area):
    mismatch, wrong_type = "ERR_AUDIENCE_MISMATCH aud", "ERR_CLAIM_TYPE aud"
    for name, aud, fails in [
        ("string", AUDIENCE, None),
        ("list-one", [AUDIENCE], None),
        ("list-first", [AUDIENCE, "web"], None),
        ("list-last", ["web", AUDIENCE], None),
        ("other", "web", mismatch),
        ("list-other", ["web", "mobile"], mismatch),
        ("empty-list", [], mismatch),
        ("empty-string", "", mismatch),
        ("list-of-empty", [""], mismatch),
        ("longer", AUDIENCE + "2", mismatch),
        ("shorter", AUDIENCE[:-1], mismatch),
        ("upper", AUDIENCE.upper(), mismatch),
        ("joined", f"web {AUDIENCE}", mismatch),
        ("comma", f"{AUDIENCE},web", mismatch),
        ("json-in-string", f'["{AUDIENCE}"]', mismatch),
        ("number", 1, wrong_type),
        ("true", True, wrong_type),
        ("object", {AUDIENCE: True}, wrong_type),
        ("mixed-after", [AUDIENCE, 1], wrong_type),
        ("mixed-before", [1, AUDIENCE], wrong_type),
        ("list-of-null", [None], wrong_type),
        ("nested", [[AUDIENCE]], wrong_type),
        ("mixed-object", [AUDIENCE, {}], wrong_type),
    ]:
        check(
            area,
            f"aud-{name}",
            claims(aud=aud),
            fails,
            source="RFC 7519 section 4.1.3: a string or an array of strings",
        )
    check(area, "aud-null", raw(aud="null"), wrong_type)
    check(area, "aud-absent", claims(aud=None), "ERR_CLAIM_MISSING aud")
    several = POLICY | {"audience": ["web", "api"]}
    check(area, "aud-any-of-string", claims(), None, several)
    check(area, "aud-any-of-list", claims(aud=["x", "web"]), None, several)
    check(area, "aud-any-of-none", claims(aud=["x", "y"]), mismatch, several)
    open_policy = {"issuer": ISSUER}
    check(
        area,
        "aud-not-expected",
        claims(),
        mismatch,
        open_policy,
        source="RFC 7519 section 4.1.3: who does not identify itself with a value of aud must reject",
    )
    check(area, "aud-not-expected-list", claims(aud=["api"]), mismatch, open_policy)
    check(area, "aud-not-expected-empty-list", claims(aud=[]), mismatch, open_policy)
    check(area, "aud-not-expected-absent", claims(aud=None), None, open_policy)
    check(area, "aud-not-expected-type", claims(aud=5), wrong_type, open_policy)
    dangerous = open_policy | {"dangerous_any_audience": True}
    check(area, "aud-any", claims(), None, dangerous)
    check(area, "aud-any-list", claims(aud=["x", "y"]), None, dangerous)
    check(area, "aud-any-empty-list", claims(aud=[]), None, dangerous)
    check(area, "aud-any-absent", claims(aud=None), None, dangerous)
    check(
        area,
        "aud-any-type",
        claims(aud=5),
        wrong_type,
        dangerous,
        source="authwright: the type of aud is always checked",
    )
    check(area, "aud-any-mixed", claims(aud=["api", 5]), wrong_type, dangerous)
    check(area, "aud-any-false", claims(), mismatch, open_policy | {"dangerous_any_audience": False})


def types(area):
    wrong = "ERR_TOKEN_TYPE typ"
    for name, typ, expected, fails in [
        ("equal", "JWT", "JWT", None),
        ("case", "jwt", "JWT", None),
        ("prefix-in-token", "application/at+jwt", "at+jwt", None),
        ("prefix-in-policy", "at+jwt", "application/at+jwt", None),
        ("prefix-case", "Application/AT+JWT", "at+jwt", None),
        ("list", "at+jwt", ["JWT", "at+jwt"], None),
        ("list-none", "secevent+jwt", ["JWT", "at+jwt"], wrong),
        ("other", "JWT", "at+jwt", wrong),
        ("absent", None, "JWT", wrong),
        ("other-prefix", "text/at+jwt", "at+jwt", wrong),
        ("empty", "", "JWT", wrong),
        ("longer", "JWTX", "JWT", wrong),
        ("number", 1, "JWT", wrong),
        ("list-in-token", ["JWT"], "JWT", wrong),
        ("prefix-twice", "application/application/jwt", "JWT", wrong),
    ]:
        check(
            area,
            f"typ-{name}",
            claims(),
            fails,
            POLICY | {"typ": expected},
            header=None if typ is None else {"typ": typ},
            source="RFC 7515 section 4.1.9: case-insensitive, application/ may be left out",
        )
    check(
        area,
        "typ-not-expected",
        claims(),
        None,
        header={"typ": "at+jwt"},
        source="authwright: typ is checked when the policy has it",
    )
    check(
        area,
        "typ-kelvin",
        claims(),
        wrong,
        POLICY | {"typ": "kb+jwt"},
        header={"typ": "\u212ab+jwt"},
        source="authwright: only ASCII is folded (U+212A is not k)",
    )
    check(
        area,
        "typ-long-s",
        claims(),
        wrong,
        POLICY | {"typ": "secevent+jwt"},
        header={"typ": "\u017fecevent+jwt"},
        source="authwright: only ASCII is folded (U+017F is not s)",
    )


def required(area):
    policy = POLICY | {"required": ["jti", "scope"]}
    check(area, "required-present", claims(jti="1", scope=""), None, policy)
    check(area, "required-absent", claims(jti="1"), "ERR_CLAIM_MISSING scope", policy)
    check(area, "required-first-absent", claims(scope="a"), "ERR_CLAIM_MISSING jti", policy)
    check(
        area,
        "required-null",
        raw(jti="null", scope='"a"'),
        None,
        policy,
        source="authwright: required asks for the member, not for a value",
    )
    check(
        area,
        "required-false",
        claims(jti=False, scope=0),
        None,
        policy,
        source="authwright: required asks for the member",
    )
    check(area, "required-nested-does-not-count", claims(inner={"jti": 1, "scope": 1}), "ERR_CLAIM_MISSING jti", policy)
    check(area, "required-other-case", claims(JTI="1", scope=""), "ERR_CLAIM_MISSING jti", policy)
    check(
        area,
        "required-prototype",
        claims(),
        "ERR_CLAIM_MISSING __proto__",
        POLICY | {"required": ["__proto__"]},
        source="prototype pollution: what every JavaScript object inherits is not in the token",
    )
    check(
        area,
        "required-to-string",
        claims(),
        "ERR_CLAIM_MISSING toString",
        POLICY | {"required": ["toString"]},
        source="prototype pollution",
    )
    check(area, "required-iss", claims(iss=None), "ERR_CLAIM_MISSING iss", {"audience": AUDIENCE, "required": ["iss"]})


def exact(area):
    mismatch = "ERR_CLAIM_MISMATCH x"
    cases = [
        # name, the value expected as JSON text, the value in the token as JSON text, whether they agree
        ("string", '"a"', '"a"', True),
        ("string-other", '"a"', '"b"', False),
        ("string-case", '"a"', '"A"', False),
        ("string-escaped", '"a/é"', '"\\u0061\\/\\u00e9"', True),
        ("string-prefix", '"a"', '"ab"', False),
        ("string-normal-form", '"é"', '"e\\u0301"', False),
        ("string-empty", '""', '""', True),
        ("number", "1", "1", True),
        ("number-other", "1", "2", False),
        ("number-fraction-form", "1", "1.0", True),
        ("number-exponent-form", "100", "1e2", True),
        ("number-exponent-forms", "1.5e1", "150E-1", True),
        ("number-digits", "0.1", "0.10", True),
        ("number-minus-zero", "0", "-0", True),
        ("number-sign", "1", "-1", False),
        ("number-string", "1", '"1"', False),
        ("string-number", '"1"', "1", False),
        ("number-true", "1", "true", False),
        ("number-large-equal", "9007199254740993", "9007199254740993", True),
        ("number-large-other", "9007199254740993", "9007199254740992", False),
        ("number-large-negative", "-9223372036854775808", "-9223372036854775807", False),
        ("number-beyond-64-bits", "18446744073709551617", "18446744073709551618", False),
        ("number-close", "0.3", "0.30000000000000004", False),
        ("true", "true", "true", True),
        ("true-false", "true", "false", False),
        ("false-absent", "false", None, None),
        ("null", "null", "null", True),
        ("null-absent", "null", None, None),
        ("null-false", "null", "false", False),
        ("null-empty", "null", '""', False),
        ("object", '{"a":1,"b":[2]}', '{"b":[2],"a":1}', True),
        ("object-more", '{"a":1}', '{"a":1,"b":2}', False),
        ("object-less", '{"a":1,"b":2}', '{"a":1}', False),
        ("object-value", '{"a":1}', '{"a":1.0}', True),
        ("object-nested-other", '{"a":{"b":1}}', '{"a":{"b":2}}', False),
        ("object-empty", "{}", "{}", True),
        ("object-list", "{}", "[]", False),
        ("object-null-member", '{"a":null}', "{}", False),
        ("object-escaped-name", '{"a":1}', '{"\\u0061":1}', True),
        ("any-of-first", '["a","b"]', '"a"', True),
        ("any-of-last", '["a","b"]', '"b"', True),
        ("any-of-none", '["a","b"]', '"c"', False),
        ("any-of-types", '["a",1,true]', "true", True),
        ("any-of-object", '[{"a":1},{"a":2}]', '{"a":2}', True),
        ("any-of-list-itself", '["a","b"]', '["a","b"]', False),
        ("any-of-absent", '["a",null]', None, None),
        ("list", '[["a","b"]]', '["a","b"]', True),
        ("list-order", '[["a","b"]]', '["b","a"]', False),
        ("list-longer", '[["a"]]', '["a","b"]', False),
        ("list-member", '"a"', '["a"]', False),
        ("list-empty", "[[]]", "[]", True),
    ]
    for name, expected, found, agree in cases:
        policy = json.dumps(POLICY)[:-1] + f', "claims": {{"x": {expected}}}}}'
        members = claims() if found is None else raw(x=found)
        fails = None if agree else mismatch if agree is False else "ERR_CLAIM_MISSING x"
        parsed = members if found is None else json.loads(members)
        expect = fails or {"claims": parsed}
        if "large-equal" in name:
            # A double does not hold the number: only that the token is accepted is said.
            expect = {"header": {"alg": "HS256"}}
        area.add(
            f"claims-exact-{name}",
            source="authwright: claims compares by JSON equality, numbers by value; a list means any of",
            keys="secret",
            policy=policy,
            input=signed(members),
            expect=expect,
        )
    two = POLICY | {"claims": {"tenant": "t1", "plan": ["pro", "team"]}}
    check(area, "exact-several", claims(tenant="t1", plan="team"), None, two)
    check(area, "exact-several-one-wrong", claims(tenant="t1", plan="free"), "ERR_CLAIM_MISMATCH plan", two)
    check(area, "exact-several-one-absent", claims(plan="pro"), "ERR_CLAIM_MISSING tenant", two)
    check(area, "exact-prototype", claims(), "ERR_CLAIM_MISSING constructor", POLICY | {"claims": {"constructor": "x"}})
    check(
        area,
        "exact-nested-does-not-count",
        claims(inner={"tenant": "t1"}),
        "ERR_CLAIM_MISSING tenant",
        POLICY | {"claims": {"tenant": "t1"}},
    )


def order(area):
    """The order of the checks is fixed: each vector fails two neighbours, and the earlier one is told."""
    source = "authwright: the order of checks is fixed"
    policy = POLICY | {"subject": "alice", "required": ["jti"], "claims": {"tenant": "t1"}, "max_token_age": 300}
    good = {"jti": "1", "tenant": "t1"}
    for name, changes, code in [
        ("exp-before-nbf", {"exp": 0, "nbf": LIMIT - 1}, "ERR_TOKEN_EXPIRED exp"),
        ("nbf-before-iat", {"nbf": LIMIT - 1, "iat": LIMIT - 1}, "ERR_TOKEN_NOT_YET_VALID nbf"),
        ("iat-before-iss", {"iat": LIMIT - 1, "iss": "x"}, "ERR_TOKEN_ISSUED_IN_FUTURE iat"),
        ("iss-before-aud", {"iss": "x", "aud": "x"}, "ERR_ISSUER_MISMATCH iss"),
        ("aud-before-sub", {"aud": "x", "sub": "x"}, "ERR_AUDIENCE_MISMATCH aud"),
        ("sub-before-required", {"sub": "x", "jti": None}, "ERR_SUBJECT_MISMATCH sub"),
        ("required-before-claims", {"jti": None, "tenant": "x"}, "ERR_CLAIM_MISSING jti"),
        ("claims-before-max-age", {"tenant": "x", "iat": 0}, "ERR_CLAIM_MISMATCH tenant"),
        ("max-age-last", {"iat": 0}, "ERR_TOKEN_TOO_OLD iat"),
        ("all-good", {}, None),
    ]:
        check(area, f"order-{name}", claims(**(good | changes)), code, policy, source=source)
    expired = signed(claims(exp=0))
    area.add(
        "claims-order-signature-before-claims",
        source="authwright: claims are never looked at before the signature is good",
        keys="secret",
        policy=POLICY,
        input=expired[:-2] + ("AA" if not expired.endswith("AA") else "BA"),
        expect="ERR_SIGNATURE_INVALID",
    )
    area.add(
        "claims-order-typ-before-algorithm",
        source=source,
        keys="secret",
        policy=POLICY | {"typ": "at+jwt"},
        input=token("HS256", KEY, claims(), {"typ": "JWT"}, alg_header="none"),
        expect="ERR_TOKEN_TYPE typ",
    )
    area.add(
        "claims-order-crit-before-typ",
        source=source,
        keys="secret",
        policy=POLICY | {"typ": "at+jwt"},
        input=signed(claims(), {"typ": "JWT", "crit": ["x"], "x": 1}),
        expect="ERR_TOKEN_CRITICAL crit",
    )
    area.add(
        "claims-order-algorithm-before-signature",
        source=source,
        keys="secret",
        policy=POLICY,
        input=token("HS256", KEY, claims(), alg_header="RS256"),
        expect="ERR_ALGORITHM_NOT_ALLOWED alg",
    )
