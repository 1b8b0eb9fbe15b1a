"""Attacks on the token's form: attacks-structure.json."""

import json
import zlib

from corpus import NOW, POLICY, Area, claims
from jose import b64, compact_json, jwk, oct_jwk, secret, signature, token

KEY = secret(32)
CRITICAL, MALFORMED = "ERR_TOKEN_CRITICAL crit", "ERR_TOKEN_MALFORMED"


def areas():
    area = Area(
        "attacks-structure",
        "crit, b64, polyglots, substituted encrypted tokens, bombs, floods of dots and depth.",
        "authwright: the attack classes of published JOSE weaknesses",
        {
            "secret": {"jwk": oct_jwk(KEY)},
            "rsa": {"jwk": jwk("rsa-a")},
            "p256": {"jwk": jwk("p256-a")},
        },
    )
    critical(area)
    unencoded(area)
    polyglots(area)
    encrypted(area)
    bombs(area)
    floods(area)
    return [area]


def signed(header, members=None):
    return token("HS256", KEY, claims() if members is None else members, header)


def critical(area):
    source = "crit ignored (CVE-2025-59420, CVE-2026-32597, CVE-2026-35042; RFC 7515 section 4.1.11)"
    for name, header in [
        ("unknown", {"crit": ["http://example.invalid/UNDEFINED"], "http://example.invalid/UNDEFINED": True}),
        ("unknown-absent", {"crit": ["x"]}),
        ("empty", {"crit": []}),
        ("string", {"crit": "exp"}),
        ("null", {"crit": None}),
        ("number", {"crit": 1}),
        ("object", {"crit": {"exp": 1}}),
        ("true", {"crit": True}),
        ("names-number", {"crit": [1]}),
        ("names-null", {"crit": [None]}),
        ("names-empty", {"crit": [""], "": 1}),
        ("registered-alg", {"crit": ["alg"]}),
        ("registered-typ", {"typ": "JWT", "crit": ["typ"]}),
        ("registered-crit", {"crit": ["crit"]}),
        ("registered-kid", {"kid": "k", "crit": ["kid"]}),
        ("exp", {"exp": NOW + 600, "crit": ["exp"]}),
        ("twice", {"x": 1, "crit": ["x", "x"]}),
        ("several", {"x": 1, "y": 2, "crit": ["x", "y"]}),
        ("nested-list", {"x": 1, "crit": [["x"]]}),
        ("known-elsewhere", {"b64": True, "crit": ["b64"]}),
        ("zip", {"zip": "DEF", "crit": ["zip"]}),
        ("prototype", {"crit": ["__proto__"]}),
        ("to-string", {"crit": ["toString"]}),
    ]:
        area.add(
            f"crit-ignored-{name}", source=source, keys="secret", policy=POLICY, input=signed(header), expect=CRITICAL
        )
    area.add(
        "crit-ignored-escaped",
        source=source,
        keys="secret",
        policy=POLICY,
        expect=CRITICAL,
        input=signed('{"alg":"HS256","\\u0063rit":["x"],"x":1}'),
    )
    area.add(
        "crit-ignored-asymmetric",
        source=source,
        keys="p256",
        policy=POLICY,
        expect=CRITICAL,
        input=token("ES256", "p256-a", claims(), {"crit": ["x"], "x": 1}),
    )
    area.add(
        "crit-ignored-other-case",
        source="RFC 7515 section 4: names are case-sensitive, and what is unknown is ignored",
        keys="secret",
        policy=POLICY,
        input=signed({"CRIT": ["x"], "x": 1}),
        expect={"claims": claims()},
    )
    area.add(
        "crit-ignored-in-claims",
        source="crit is a header parameter; a claim of the name is a claim",
        keys="secret",
        policy=POLICY,
        input=signed({}, claims(crit=["x"])),
        expect={"claims": claims(crit=["x"])},
    )
    area.add(
        "crit-unknown-header-not-critical",
        source="RFC 7515 section 4: what is unknown and not critical is ignored",
        keys="secret",
        policy=POLICY,
        input=signed({"http://example.invalid/UNDEFINED": True}),
        expect={"claims": claims()},
    )
    for name, header in [
        ("unknown", {"crit": ["x"], "x": 1}),
        ("empty", {"crit": []}),
        ("registered", {"crit": ["alg"]}),
        ("b64-absent", {"crit": ["b64"]}),
        ("b64-twice", {"b64": True, "crit": ["b64", "b64"]}),
        ("b64-and-unknown", {"b64": True, "x": 1, "crit": ["b64", "x"]}),
    ]:
        area.add(
            f"crit-ignored-jws-{name}",
            source=source,
            operation="jws_verify",
            keys="secret",
            input=signed(header),
            expect=CRITICAL,
        )


def unencoded(area):
    source = "b64 false abused (RFC 7797 sections 6 and 7)"
    payload = compact_json(claims())
    header = b64('{"alg":"HS256","b64":false,"crit":["b64"]}')
    mac = b64(signature("HS256", KEY, f"{header}.{payload}".encode()))
    area.add(
        "b64-abuse-jwt-attached",
        source=source,
        keys="secret",
        policy=POLICY,
        input=f"{header}.{payload}.{mac}",
        # The issuer's name brings a dot into the payload, and so a fourth segment.
        expect=MALFORMED,
    )
    plain = claims(iss="issuer")
    text = compact_json(plain)
    mac = b64(signature("HS256", KEY, f"{header}.{text}".encode()))
    area.add(
        "b64-abuse-jwt-no-dots",
        source=source,
        keys="secret",
        policy={"issuer": "issuer", "audience": "api"},
        input=f"{header}.{text}.{mac}",
        expect=CRITICAL,
    )
    area.add(
        "b64-abuse-jwt-encoded-payload",
        source=source,
        keys="secret",
        policy=POLICY,
        input=signed({"b64": False, "crit": ["b64"]}),
        expect=CRITICAL,
    )
    for operation in ("verify", "jws_verify"):
        area.add(
            f"b64-abuse-without-crit-{operation.replace('_', '-')}",
            operation=operation,
            keys="secret",
            source="RFC 7797 section 6: b64 false must be in crit; section 7: a JWT has none",
            policy=POLICY if operation == "verify" else None,
            input=signed({"b64": False}),
            expect=CRITICAL,
        )
    for name, value in [("string", "false"), ("zero", 0), ("null", None)]:
        area.add(
            f"b64-abuse-{name}",
            source="RFC 7797 section 3: a boolean",
            operation="jws_verify",
            keys="secret",
            input=signed({"b64": value, "crit": ["b64"]}),
            expect="ERR_TOKEN_CRITICAL",
        )
    area.add(
        "b64-true-in-a-jwt",
        source="RFC 7797 section 3: true is the default said aloud",
        keys="secret",
        policy=POLICY,
        input=signed({"b64": True}),
        expect={"claims": claims()},
    )
    area.add(
        "b64-abuse-truncated-reading",
        source="b64 false: the signature of an encoded payload is not that of its text",
        operation="jws_verify",
        keys="secret",
        payload=compact_json(claims()),
        expect="ERR_SIGNATURE_INVALID",
        input="..".join([header, b64(signature("HS256", KEY, f"{header}.{b64(compact_json(claims()))}".encode()))]),
    )


def polyglots(area):
    source = "compact and JSON polyglots (CVE-2022-39227), and JSON serialisations"
    good = signed({})
    header, payload, mac = good.split(".")
    fake = b64(compact_json(claims(sub="mallory")))
    for name, text in [
        (
            "python-jwt",
            '{"  '
            + header
            + "."
            + fake
            + "."
            + '":"","protected":"'
            + header
            + '","payload":"'
            + payload
            + '","signature":"'
            + mac
            + '"}',
        ),
        ("flattened", json.dumps({"protected": header, "payload": payload, "signature": mac})),
        ("general", json.dumps({"payload": payload, "signatures": [{"protected": header, "signature": mac}]})),
        ("json-string", f'"{good}"'),
        ("json-list", f'["{good}"]'),
        ("two-tokens", f"{good} {good}"),
        ("concatenated", f"{good}.{good}"),
    ]:
        # What has two dots is cut at them, and then its header is not base64url.
        expect = "ERR_TOKEN_ENCODING" if name in ("json-string", "json-list", "python-jwt") else MALFORMED
        area.add(f"polyglot-{name}", source=source, keys="secret", policy=POLICY, input=text, expect=expect)
    for name, text in [
        ("before", f"x{good}"),
        ("bearer", f"Bearer {good}"),
        ("dpop", f"DPoP {good}"),
        ("quote", f"'{good}'"),
    ]:
        area.add(
            f"polyglot-prefix-{name}",
            source="what is not the token's",
            keys="secret",
            policy=POLICY,
            input=text,
            expect="ERR_TOKEN_ENCODING",
        )


def encrypted(area):
    source = "an encrypted token in a signed one's place, and what zip and PBES2 would cost"
    header = b64('{"alg":"RSA-OAEP","enc":"A256GCM"}')
    area.add(
        "jwe-substitution-five-segments",
        source=source,
        keys="rsa",
        policy=POLICY,
        input=f"{header}.AAAA.AAAA.AAAA.AAAA",
        expect=MALFORMED,
    )
    area.add(
        "jwe-substitution-direct",
        source=source,
        keys="secret",
        policy=POLICY,
        expect=MALFORMED,
        input=b64('{"alg":"dir","enc":"A128CBC-HS256"}') + "..AAAA.AAAA.AAAA",
    )
    area.add(
        "jwe-substitution-pbes2",
        source=source + " (CVE-2023-6681, CVE-2023-52428)",
        keys="secret",
        policy=POLICY,
        input=b64('{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483647,"p2s":"AAAAAAAAAAA"}') + ".AA.AA.AA.AA",
        expect=MALFORMED,
    )
    for alg in ("RSA-OAEP", "dir", "PBES2-HS256+A128KW", "ECDH-ES", "RSA1_5"):
        area.add(
            f"jwe-substitution-{alg.lower().replace('+', '-').replace('_', '-')}-three-segments",
            source=source,
            keys="rsa",
            policy=POLICY,
            input=b64(compact_json({"alg": alg, "enc": "A128GCM", "p2c": 2**31 - 1})) + f".{b64('{}')}.AAAA",
            expect="ERR_ALGORITHM_NOT_ALLOWED alg",
        )
    area.add(
        "jwe-substitution-enc-in-jws",
        source="enc in a signed token's header is a header like others",
        keys="secret",
        policy=POLICY,
        input=signed({"enc": "A128GCM"}),
        expect={"claims": claims()},
    )
    area.add(
        "jwe-substitution-nested",
        source="a nested token (cty JWT): its payload is no claims set",
        keys="secret",
        policy=POLICY,
        input=signed({"cty": "JWT"}, signed({})),
        expect="ERR_TOKEN_JSON",
    )


def bombs(area):
    source = "a compressed payload (CVE-2024-28176, CVE-2024-28180, CVE-2024-33664)"
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = compressor.compress(compact_json(claims(pad="a" * 3_000_000)).encode()) + compressor.flush()
    area.add(
        "zip-bomb-deflated",
        source=source + ": a signed token is never inflated",
        keys="secret",
        policy=POLICY,
        input=signed({"zip": "DEF"}, bomb),
        expect="ERR_TOKEN_JSON",
    )
    area.add(
        "zip-bomb-header-only",
        source="RFC 7516 section 4.1.3: zip belongs to encrypted tokens, elsewhere it means nothing",
        keys="secret",
        policy=POLICY,
        input=signed({"zip": "DEF"}),
        expect={"claims": claims()},
    )


def floods(area):
    dots = "many dots (CVE-2025-30204, CVE-2025-27144, CVE-2025-22868)"
    for name, parts, expect in [
        ("few", [".", {"repeat": ".", "times": 3}], MALFORMED),
        ("all", [{"repeat": ".", "times": 65_536}], MALFORMED),
        ("after-header", ["eyJhbGciOiJIUzI1NiJ9", {"repeat": ".", "times": 60_000}], MALFORMED),
        ("with-letters", [{"repeat": "a.", "times": 32_000}], MALFORMED),
        ("beyond-the-limit", [{"repeat": ".", "times": 65_537}], "ERR_TOKEN_TOO_LARGE"),
        ("millions", [{"repeat": ".", "times": 8_000_000}], "ERR_TOKEN_TOO_LARGE"),
    ]:
        area.add(f"many-dots-{name}", source=dots, keys="secret", policy=POLICY, input={"parts": parts}, expect=expect)
    size = "oversize segments (CVE-2025-61920)"
    good = signed({})
    header, payload, mac = good.split(".")
    exact = {"parts": [good + ".", {"repeat": "A", "times": 65_536 - len(good) - 1}]}
    area.add(
        "oversize-at-limit",
        source=size + ": 65536 bytes are looked at",
        keys="secret",
        policy=POLICY,
        input=exact,
        expect=MALFORMED,
    )
    exact = {"parts": [good + ".", {"repeat": "A", "times": 65_537 - len(good) - 1}]}
    area.add(
        "oversize-over-limit", source=size, keys="secret", policy=POLICY, input=exact, expect="ERR_TOKEN_TOO_LARGE"
    )
    for name, parts in [
        ("header", [{"repeat": "A", "times": 5_000_000}, f".{payload}.{mac}"]),
        ("payload", [f"{header}.", {"repeat": "A", "times": 5_000_000}, f".{mac}"]),
        ("signature", [f"{header}.{payload}.", {"repeat": "A", "times": 5_000_000}]),
        ("no-dots", [{"repeat": "A", "times": 5_000_000}]),
    ]:
        area.add(
            f"oversize-{name}",
            source=size,
            keys="secret",
            policy=POLICY,
            input={"parts": parts},
            expect="ERR_TOKEN_TOO_LARGE",
        )
    area.add(
        "oversize-signature-in-limit",
        source=size,
        keys="secret",
        policy=POLICY,
        expect="ERR_SIGNATURE_INVALID",
        input={"parts": [f"{header}.{payload}.", {"repeat": "AAAA", "times": 16_000}]},
    )
    area.add(
        "oversize-signature-in-limit-badly-written",
        source=size,
        keys="secret",
        policy=POLICY,
        expect="ERR_TOKEN_ENCODING",
        input={"parts": [f"{header}.{payload}.", {"repeat": "AAA/", "times": 16_000}]},
    )
    big = claims(pad="p" * 30_000)
    text = signed({}, big)
    area.add(
        "oversize-large-good",
        source="authwright: up to max_token_bytes a token is a token",
        keys="secret",
        policy=POLICY,
        input=text,
        expect={"header": {"alg": "HS256"}},
    )
    area.add(
        "oversize-policy-lower",
        source="authwright: max_token_bytes",
        keys="secret",
        policy=POLICY | {"max_token_bytes": len(text) - 1},
        input=text,
        expect="ERR_TOKEN_TOO_LARGE",
    )
    area.add(
        "oversize-policy-exact",
        source="authwright: max_token_bytes",
        keys="secret",
        policy=POLICY | {"max_token_bytes": len(text)},
        input=text,
        expect={"header": {"alg": "HS256"}},
    )
    many = claims(**{f"claim{number}": number for number in range(2000)})
    area.add(
        "oversize-many-members",
        source="a flood of members",
        keys="secret",
        policy=POLICY,
        input=signed({}, many),
        expect={"header": {"alg": "HS256"}},
    )
    header_many = {f"h{number}": number for number in range(2000)}
    area.add(
        "oversize-many-header-members",
        source="a flood of header parameters",
        keys="secret",
        policy=POLICY,
        input=signed(header_many),
        expect={"claims": claims()},
    )
    area.add(
        "oversize-x5c",
        source="a header with a real chain is longer than 512 bytes, and legal",
        keys="secret",
        policy=POLICY,
        input=signed({"x5c": ["A" * 2000, "B" * 2000]}),
        expect={"claims": claims()},
    )
    # Depth. "[[[" is W1tb in base64, "]]]" is XV1d, and 3 bytes of JSON are 4 of the token.
    deep = "deep nesting: a parser that recurses runs out of stack"
    for name, opening in [("arrays", "W1tb"), ("objects", b64('{"a":{"a":{"a":').rstrip("="))]:
        area.add(
            f"deep-nesting-header-{name}",
            source=deep,
            keys="secret",
            policy=POLICY,
            expect="ERR_TOKEN_JSON",
            input={"parts": [{"repeat": opening, "times": 3000}, f".{payload}.{mac}"]},
        )
    payload_deep = '{"a":' + "[" * 20_000 + "]" * 20_000 + "}"
    segment = b64(payload_deep)
    mac_deep = b64(signature("HS256", KEY, f"{header}.{segment}".encode()))
    at = segment.index("W1tb")
    repeats = 0
    while segment[at + 4 * repeats : at + 4 * repeats + 4] == "W1tb":
        repeats += 1
    rest = segment[at + 4 * repeats :]
    closing = rest.index("XV1d")
    closings = 0
    while rest[closing + 4 * closings : closing + 4 * closings + 4] == "XV1d":
        closings += 1
    parts = [
        f"{header}.{segment[:at]}",
        {"repeat": "W1tb", "times": repeats},
        rest[:closing],
        {"repeat": "XV1d", "times": closings},
        rest[closing + 4 * closings :] + f".{mac_deep}",
    ]
    area.add(
        "deep-nesting-claims",
        source=deep + ", behind a good signature",
        keys="secret",
        policy=POLICY,
        input={"parts": parts},
        expect="ERR_TOKEN_JSON",
    )
    area.add("deep-nesting-decode", source=deep, operation="decode", input={"parts": parts}, expect="ERR_TOKEN_JSON")
    area.add(
        "deep-nesting-jwks",
        source=deep,
        operation="import",
        keys={"jwks": '{"keys":' + "[" * 2000 + "]" * 2000 + "}"},
        expect="ERR_KEY_FORMAT",
    )
    area.add(
        "deep-nesting-policy",
        source=deep,
        keys="secret",
        policy='{"claims":' + '{"a":' * 2000 + "1" + "}" * 2001,
        input=good,
        expect="ERR_INVALID_ARGUMENT",
    )
