"""Attacks on what claims are taken to mean: attacks-claims.json."""

from corpus import AUDIENCE, ISSUER, NOW, POLICY, Area, claims
from jose import compact_json, oct_jwk, secret, token

KEY = secret(32)


def areas():
    area = Area(
        "attacks-claims",
        "Claims of other types, issuers that contain another, patterns, prototypes and collisions.",
        "authwright: the attack classes of published JOSE weaknesses",
        {"secret": {"jwk": oct_jwk(KEY)}},
    )

    def add(identifier, members, expect=None, policy=None, source=None, now=NOW):
        area.add(
            identifier,
            source=source,
            keys="secret",
            policy=policy or POLICY,
            now=now,
            input=token("HS256", KEY, members),
            expect=expect or {"claims": members},
        )

    confusion = "claims of another type pass as absent or as true (CVE-2026-25537)"
    for name, changes, code in [
        ("exp-string", {"exp": "9999999999"}, "ERR_CLAIM_TYPE exp"),
        ("nbf-string", {"nbf": "9999999999"}, "ERR_CLAIM_TYPE nbf"),
        ("nbf-object", {"nbf": {}}, "ERR_CLAIM_TYPE nbf"),
        ("iat-list", {"iat": []}, "ERR_CLAIM_TYPE iat"),
        ("exp-false", {"exp": False}, "ERR_CLAIM_TYPE exp"),
        ("exp-list", {"exp": [NOW + 600]}, "ERR_CLAIM_TYPE exp"),
        ("exp-object", {"exp": {"$gt": 0}}, "ERR_CLAIM_TYPE exp"),
        ("iss-object", {"iss": {"$ne": ""}}, "ERR_CLAIM_TYPE iss"),
        ("iss-false", {"iss": False}, "ERR_CLAIM_TYPE iss"),
        ("iss-zero", {"iss": 0}, "ERR_CLAIM_TYPE iss"),
        ("aud-object", {"aud": {"0": AUDIENCE, "length": 1}}, "ERR_CLAIM_TYPE aud"),
        ("aud-false", {"aud": False}, "ERR_CLAIM_TYPE aud"),
        ("aud-zero", {"aud": 0}, "ERR_CLAIM_TYPE aud"),
    ]:
        add(f"claim-type-confusion-{name}", claims(**changes), code, source=confusion)
    null = compact_json(claims(iss=None))[:-1] + ',"iss":null}'
    area.add(
        "claim-type-confusion-iss-null",
        source=confusion,
        keys="secret",
        policy=POLICY,
        input=token("HS256", KEY, null),
        expect="ERR_CLAIM_TYPE iss",
    )
    null = compact_json(claims())[:-1] + ',"nbf":null}'
    area.add(
        "claim-type-confusion-nbf-null",
        source=confusion,
        keys="secret",
        policy=POLICY,
        input=token("HS256", KEY, null),
        expect="ERR_CLAIM_TYPE nbf",
    )

    substring = "issuers compared as substrings (CVE-2024-53861)"
    for name, iss in [
        ("empty", ""),
        ("letter", "h"),
        ("start", "https://id"),
        ("end", "id.example"),
        ("user-info", f"{ISSUER}@attacker.example"),
        ("subdomain", f"{ISSUER}.attacker.example"),
        ("path", f"{ISSUER}/../attacker"),
        ("query", f"https://attacker.example/?{ISSUER}"),
        ("port", f"{ISSUER}:443"),
        ("scheme", "http://id.example"),
        ("host-case", "https://ID.example"),
        ("trailing-dot", f"{ISSUER}."),
        ("percent", "https://id%2Eexample"),
        ("cyrillic", "https://\u0456d.example"),
        ("zero-width", f"{ISSUER}\u200b"),
        ("newline", f"{ISSUER}\n"),
        ("tab", f"\t{ISSUER}"),
        ("nul-behind", f"{ISSUER}\0.attacker.example"),
        ("fullwidth-dot", "https://id\uff0eexample"),
    ]:
        add(f"issuer-substring-{name}", claims(iss=iss), "ERR_ISSUER_MISMATCH iss", source=substring)
    for name, iss in [
        ("one", [ISSUER]),
        ("several", ["https://attacker.example", ISSUER]),
        ("empty", []),
        ("nested", [[ISSUER]]),
    ]:
        add(f"issuer-array-{name}", claims(iss=iss), "ERR_CLAIM_TYPE iss", source="an array as issuer")
        add(
            f"issuer-array-{name}-list-expected",
            claims(iss=iss),
            "ERR_CLAIM_TYPE iss",
            POLICY | {"issuer": [ISSUER, "other"]},
            source="an array as issuer, where the policy has a list",
        )
    add(
        "issuer-joined-list",
        claims(iss=f"{ISSUER},other"),
        "ERR_ISSUER_MISMATCH iss",
        POLICY | {"issuer": [ISSUER, "other"]},
        source="a list turned into a string",
    )

    patterns = "patterns: an expected value is a text, and a text in the token never a pattern (CVE-2026-35041)"
    add("pattern-dot", claims(iss="https://idXexample"), "ERR_ISSUER_MISMATCH iss", source=patterns)
    for name, expected in [
        ("star", "*"),
        ("dot-star", ".*"),
        ("anchored", f"^{ISSUER}$"),
        ("slashes", "/.*/"),
        ("glob", "https://*.example"),
        ("sql", "%"),
        ("alternatives", f"{ISSUER}|other"),
    ]:
        add(
            f"pattern-issuer-{name}",
            claims(),
            "ERR_ISSUER_MISMATCH iss",
            POLICY | {"issuer": expected},
            source=patterns,
        )
        add(
            f"pattern-audience-{name}",
            claims(),
            "ERR_AUDIENCE_MISMATCH aud",
            POLICY | {"audience": expected},
            source=patterns,
        )
        add(
            f"pattern-claim-{name}",
            claims(tenant=ISSUER),
            "ERR_CLAIM_MISMATCH tenant",
            POLICY | {"claims": {"tenant": expected}},
            source=patterns,
        )
    add("pattern-in-token", claims(iss=".*", aud=".*"), "ERR_ISSUER_MISMATCH iss", source=patterns)
    add(
        "pattern-redos",
        claims(iss="a" * 5000 + "!"),
        "ERR_ISSUER_MISMATCH iss",
        POLICY | {"issuer": "(a+)+$"},
        source=patterns,
    )
    add("pattern-literal-equal", claims(iss=".*"), None, POLICY | {"issuer": ".*"}, source=patterns)

    pollution = "prototype pollution: a member named like one that every object inherits"
    for name in ("__proto__", "constructor", "prototype", "hasOwnProperty", "toString", "__class__", "__dict__"):
        label = name.strip("_").lower()
        members = claims() | {name: {"admin": True, "exp": 1}}
        add(f"prototype-pollution-{label}", members, source=pollution + ": it is returned as it is")
    add(
        "prototype-pollution-exp",
        {"__proto__": {"exp": NOW + 600}} | claims(exp=None),
        "ERR_CLAIM_MISSING exp",
        source=pollution,
    )
    add(
        "prototype-pollution-iss",
        {"__proto__": {"iss": ISSUER}} | claims(iss=None),
        "ERR_CLAIM_MISSING iss",
        source=pollution,
    )
    add(
        "prototype-pollution-claim",
        {"__proto__": {"tenant": "t1"}} | claims(),
        "ERR_CLAIM_MISSING tenant",
        POLICY | {"claims": {"tenant": "t1"}},
        source=pollution,
    )
    area.add(
        "prototype-pollution-header",
        source=pollution,
        keys="secret",
        policy=POLICY,
        input=token("HS256", KEY, claims(), '{"__proto__":{"alg":"HS256"}}'),
        expect="ERR_TOKEN_MALFORMED alg",
    )
    area.add(
        "prototype-pollution-header-kept",
        source=pollution,
        keys="secret",
        policy=POLICY,
        input=token("HS256", KEY, claims(), '{"alg":"HS256","__proto__":{"typ":"x"}}'),
        expect={"claims": claims()},
    )
    area.add(
        "prototype-pollution-policy",
        source=pollution,
        keys="secret",
        policy='{"__proto__":{"issuer":"x"}}',
        input=token("HS256", KEY, claims()),
        expect="ERR_UNKNOWN_OPTION __proto__",
    )

    duplicates = "duplicate members: the first and the last reader disagree"
    for name, text in [
        ("sub", '{"sub":"alice","sub":"admin"}'),
        ("exp", '{"exp":1,"exp":1700000600}'),
        ("unknown", '{"x":1,"x":1}'),
        ("escaped", '{"sub":"alice","\\u0073ub":"admin"}'),
        ("nested", '{"a":{"b":{"c":1,"c":2}}}'),
        ("in-list", '{"a":[{"c":1,"c":2}]}'),
        ("prototype", '{"__proto__":1,"__proto__":2}'),
        ("empty-name", '{"":1,"":2}'),
    ]:
        body = compact_json(claims(sub=None, exp=None if name == "exp" else NOW + 600))
        area.add(
            f"duplicate-member-{name}",
            source=duplicates,
            keys="secret",
            policy={"issuer": ISSUER, "audience": AUDIENCE},
            input=token("HS256", KEY, body[:-1] + "," + text[1:]),
            expect="ERR_TOKEN_JSON",
        )

    overflow = "numeric overflow"
    for name, exp in [
        ("two-to-31", 2**31),
        ("two-to-32", 2**32),
        ("two-to-32-plus", 2**32 + 1),
        ("year-9999", 253402300799),
        ("milliseconds", (NOW - 10_000) * 1000),
        ("microseconds", (NOW - 10_000) * 1_000_000),
    ]:
        add(f"numeric-overflow-exp-{name}", claims(exp=exp), source=overflow + ": a late date is a late date")
    add(
        "numeric-overflow-now-two-to-31",
        claims(exp=2**31 + 10, iat=2**31),
        now=2**31,
        source=overflow + ": after January 2038",
    )
    add(
        "numeric-overflow-now-two-to-32",
        claims(exp=2**32 + 10, iat=2**32),
        now=2**32,
        source=overflow + ": after February 2106",
    )
    add(
        "numeric-overflow-leeway",
        claims(exp=0),
        None,
        POLICY | {"leeway": 2**53 - 1},
        source=overflow + ": exp and leeway are added",
    )
    add(
        "numeric-overflow-max-age",
        claims(iat=NOW),
        None,
        POLICY | {"max_token_age": 2**53 - 1, "leeway": 2**53 - 1},
        source=overflow,
    )
    for name, text in [
        ("exponent", "1e99999"),
        ("digits", "1" * 400),
        ("negative", "-1e400"),
        ("fraction", "0." + "0" * 400 + "1"),
    ]:
        body = compact_json(claims())[:-1] + f',"x":{text}}}'
        expect = {"header": {"alg": "HS256"}} if name == "fraction" else "ERR_TOKEN_JSON"
        area.add(
            f"numeric-overflow-{name}",
            source=overflow + ": numbers are finite as doubles; one too small for them is 0",
            keys="secret",
            policy=POLICY,
            input=token("HS256", KEY, body),
            expect=expect,
        )

    collision = (
        "cache-key collision (CVE-2026-35039): the header is the same, and nothing but the header may be remembered"
    )
    add("cache-collision-same-header", claims(sub="bob"), source=collision)
    add("cache-collision-same-header-expired", claims(sub="bob", exp=0), "ERR_TOKEN_EXPIRED exp", source=collision)
    first = token("HS256", KEY, claims(sub="bob"))
    area.add(
        "cache-collision-swapped-payload",
        source=collision,
        keys="secret",
        policy=POLICY,
        expect="ERR_SIGNATURE_INVALID",
        input=".".join(
            [first.split(".")[0], token("HS256", KEY, claims(sub="eve")).split(".")[1], first.split(".")[2]]
        ),
    )
    return [area]
