"""Signatures over any bytes: jws.json."""

from corpus import Area, claims
from corpus import data as data_form
from jose import b64, compact_json, jwk, oct_jwk, secret, signature, token

KEY = secret(32)
INVALID, CRITICAL, ENCODING = "ERR_SIGNATURE_INVALID", "ERR_TOKEN_CRITICAL", "ERR_TOKEN_ENCODING"
ARGUMENT, NOT_ALLOWED = "ERR_INVALID_ARGUMENT", "ERR_ALGORITHM_NOT_ALLOWED alg"
UNENCODED = {"b64": False, "crit": ["b64"]}


def areas():
    area = Area(
        "jws",
        "Detached and unencoded payloads, payloads of any bytes, headers and algorithms of jws.",
        "authwright: RFC 7515, RFC 7797",
        {
            "secret": {"jwk": oct_jwk(KEY)},
            "secret-64": {"jwk": oct_jwk(secret(64))},
            **{name: {"jwk": jwk(name, True)} for name in ("rsa-a", "p256-a", "p384", "p521", "k256", "ed25519-a")},
            "rsa-public": {"jwk": jwk("rsa-a")},
            "p256-public": {"jwk": jwk("p256-a")},
        },
    )
    payloads(area)
    detached(area)
    unencoded(area)
    headers(area)
    algorithms(area)
    refusals(area)
    return [area]


def sign(area, name, given, expect, keys="secret", options=None, source=None, requires=None):
    area.add(
        f"jws-{name}",
        source=source,
        requires=requires,
        operation="jws_sign",
        keys=keys,
        options=options,
        input=given,
        expect=expect,
    )


def verify(area, name, text, expect, keys="secret", options=None, source=None, payload=None):
    area.add(
        f"jws-{name}",
        source=source,
        operation="jws_verify",
        keys=keys,
        options=options,
        input=text,
        payload=payload,
        expect=expect,
    )


def payloads(area):
    header = b64('{"alg":"HS256"}')
    for name, data in [
        ("text", b"any text"),
        ("empty", b""),
        ("nul", b"\0"),
        ("nuls", bytes(3)),
        ("invalid-utf8", b"\xff\xfe\x80"),
        ("every-byte", bytes(range(256))),
        ("json-array", b"[1,2]"),
        ("json-duplicate", b'{"a":1,"a":2}'),
        ("dots", b"a.b.c"),
        ("newlines", b"\r\n\n"),
        ("unicode", "größe".encode()),
        ("one-byte", b"x"),
        ("two-bytes", b"xy"),
        ("claims-expired", b'{"exp":1}'),
    ]:
        text = token("HS256", KEY, data)
        sign(
            area,
            f"sign-{name}",
            data,
            {"token": text, "header": {"alg": "HS256"}},
            source="RFC 7515 section 5.1: any octets",
        )
        verify(
            area,
            f"verify-{name}",
            text,
            {"payload": data_form(data), "header": {"alg": "HS256"}},
            source="RFC 7515 section 5.2: no claims, no rules for them",
        )
    big = {"parts": [{"repeat": "0123456789", "times": 20_000}]}
    sign(
        area,
        "sign-large",
        big,
        {"header": {"alg": "HS256"}},
        source="authwright: no limit of 65536 bytes, which is a policy's",
    )
    verify(
        area,
        "verify-bad-payload-encoding",
        f"{header}.AA=.{b64(signature('HS256', KEY, f'{header}.AA='.encode()))}",
        ENCODING,
    )
    verify(area, "verify-payload-altered", token("HS256", KEY, "abc").replace(b64("abc"), b64("abd")), INVALID)
    verify(
        area,
        "too-large",
        {"parts": [{"repeat": "A", "times": 1_100_000}]},
        "ERR_TOKEN_TOO_LARGE",
        source="authwright: a token of jws has at most 1 MiB",
    )


def detached(area):
    source = "RFC 7515 appendix F"
    for name, data in [("text", b"the content"), ("bytes", bytes(range(256))), ("empty", b"")]:
        header, _, mac = token("HS256", KEY, data).split(".")
        sign(
            area,
            f"detached-sign-{name}",
            data,
            {"token": f"{header}..{mac}", "header": {"alg": "HS256"}},
            options={"detached": True},
            source=source,
        )
        verify(
            area,
            f"detached-verify-{name}",
            f"{header}..{mac}",
            {"payload": data_form(data)},
            payload=data,
            source=source,
        )
    header, payload, mac = token("HS256", KEY, "the content").split(".")
    verify(area, "detached-other-content", f"{header}..{mac}", INVALID, payload="the Content", source=source)
    verify(
        area,
        "detached-encoded-content",
        f"{header}..{mac}",
        INVALID,
        payload=payload,
        source=source + ": the content, not its base64url",
    )
    verify(area, "detached-without-content", f"{header}..{mac}", INVALID, source=source)
    verify(
        area,
        "detached-given-twice",
        f"{header}.{payload}.{mac}",
        "ERR_TOKEN_MALFORMED payload",
        payload="the content",
        source="authwright: a token that brings its payload and another one beside it",
    )
    verify(
        area, "detached-given-twice-other", f"{header}.{payload}.{mac}", "ERR_TOKEN_MALFORMED payload", payload="other"
    )
    large = "0123456789" * 30_000
    mac_large = b64(signature("HS256", KEY, f"{header}.{b64(large)}".encode()))
    verify(
        area,
        "detached-large",
        f"{header}..{mac_large}",
        {"header": {"alg": "HS256"}},
        payload={"parts": [{"repeat": "0123456789", "times": 30_000}]},
        source=source,
    )
    for key, algorithm in (("rsa-a", "RS256"), ("p256-a", "ES256"), ("ed25519-a", "EdDSA")):
        sign(
            area,
            f"detached-sign-{algorithm.lower()}",
            "the content",
            {"header": {"alg": algorithm}},
            keys=key,
            options={"detached": True},
            source=source,
        )


def raw_token(header, data, in_token):
    segment = b64(compact_json({"alg": "HS256"} | header))
    mac = b64(signature("HS256", KEY, segment.encode() + b"." + data))
    return segment.encode() + b"." + (data if in_token else b"") + b"." + mac.encode()


def unencoded(area):
    source = "RFC 7797"
    for name, data in [
        ("text", b"$.02"),
        ("bytes", bytes(range(256))),
        ("dots", b"a.b.c"),
        ("empty", b""),
        ("unicode", "größe".encode()),
    ]:
        verify(
            area,
            f"b64-false-detached-verify-{name}",
            raw_token(UNENCODED, data, False),
            {"payload": data_form(data), "header": {"alg": "HS256"} | UNENCODED},
            payload=data,
            source=source,
        )
        sign(
            area,
            f"b64-false-detached-sign-{name}",
            data,
            {"header": {"alg": "HS256"} | UNENCODED},
            options={"detached": True, "b64": False},
            source=source,
        )
    for name, data in [("text", b"hello"), ("punctuation", b'$02 {}[]"~!'), ("base64-like", b"AAAA")]:
        verify(
            area,
            f"b64-false-attached-verify-{name}",
            raw_token(UNENCODED, data, True),
            {"payload": data.decode()},
            source=source + " section 5.2",
        )
        sign(
            area,
            f"b64-false-attached-sign-{name}",
            data,
            {"header": {"alg": "HS256"} | UNENCODED},
            options={"b64": False},
            source=source + " section 5.2",
        )
    for name, data in [
        ("dot", b"$.02"),
        ("newline", b"a\nb"),
        ("nul", b"\0"),
        ("non-ascii", "é".encode()),
        ("bytes", b"\xff"),
        ("delete", b"\x7f"),
    ]:
        sign(
            area,
            f"b64-false-attached-refused-{name}",
            data,
            f"{ARGUMENT} payload",
            options={"b64": False},
            source=source + " section 5.2: sign it detached",
        )
    verify(
        area,
        "b64-false-dot-attached",
        raw_token(UNENCODED, b"$.02", True),
        "ERR_TOKEN_MALFORMED",
        source=source + " section 5.2: a dot makes a fourth segment",
    )
    sign(
        area,
        "b64-true-said",
        "x",
        {"header": {"alg": "HS256"}, "token": token("HS256", KEY, "x")},
        options={"b64": True},
        source="authwright: b64 true is what is meant anyway",
    )
    text = token("HS256", KEY, "x", UNENCODED)
    verify(
        area,
        "b64-false-signed-encoded",
        text,
        {"payload": b64("x")},
        source=source + ": then the segment itself is the payload",
    )
    verify(
        area,
        "b64-false-detached-signed-encoded",
        text.replace(f".{b64('x')}.", ".."),
        INVALID,
        payload="x",
        source=source,
    )
    for name, header, code in [
        ("without-crit", {"b64": False}, f"{CRITICAL} crit"),
        ("crit-without-b64", {"crit": ["b64"]}, f"{CRITICAL} crit"),
        ("string", {"b64": "false", "crit": ["b64"]}, CRITICAL),
        ("null", {"b64": None, "crit": ["b64"]}, CRITICAL),
        ("zero", {"b64": 0, "crit": ["b64"]}, CRITICAL),
        ("crit-twice", {"b64": False, "crit": ["b64", "b64"]}, f"{CRITICAL} crit"),
        ("crit-other", {"b64": False, "crit": ["exp"], "exp": 1}, f"{CRITICAL} crit"),
        ("crit-both", {"b64": False, "crit": ["b64", "exp"], "exp": 1}, f"{CRITICAL} crit"),
    ]:
        verify(area, f"b64-malformed-{name}", raw_token(header, b"hello", True), code, source=source + " section 6")
    verify(
        area,
        "b64-true-without-crit",
        token("HS256", KEY, "x", {"b64": True}),
        {"payload": "x"},
        source=source + " section 6: only false must be critical",
    )
    verify(
        area,
        "b64-true-with-crit",
        token("HS256", KEY, "x", {"b64": True, "crit": ["b64"]}),
        {"payload": "x"},
        source=source,
    )
    verify(
        area,
        "b64-escaped-name",
        raw_token_text('{"alg":"HS256","\\u006264":false,"crit":["b6\\u0034"]}', b"hello"),
        {"payload": "hello"},
        source="names are compared after unescaping",
    )


def raw_token_text(header, data):
    segment = b64(header)
    return f"{segment}.{data.decode()}.{b64(signature('HS256', KEY, f'{segment}.'.encode() + data))}"


def headers(area):
    sign(
        area,
        "headers",
        "x",
        {"header": {"alg": "HS256", "typ": "example", "cty": "text/plain", "x": {"y": [1]}}},
        options={"headers": {"typ": "example", "cty": "text/plain", "x": {"y": [1]}}},
    )
    sign(
        area,
        "headers-kid-of-key",
        "x",
        {"header": {"alg": "HS256", "kid": "k"}, "token": token("HS256", KEY, "x", {"kid": "k"})},
        keys={"jwk": oct_jwk(KEY, kid="k")},
    )
    sign(area, "headers-no-typ", "x", {"header": {"alg": "HS256"}}, source="authwright: typ JWT is for JWTs")
    for name in ("alg", "kid", "crit", "b64"):
        sign(
            area,
            f"headers-{name}",
            "x",
            f"{ARGUMENT} headers",
            options={"headers": {name: ["b64"] if name == "crit" else "x"}},
            source="authwright: the key or an option of its own sets it",
        )
    verify(area, "header-typ-is-not-checked", token("HS256", KEY, "x", {"typ": "anything"}), {"payload": "x"})
    verify(
        area,
        "header-embedded-key",
        token("ES256", "p256-b", "x", {"jwk": jwk("p256-b")}),
        INVALID,
        keys="p256-public",
        source="a key that the header brings is never trusted",
    )
    for name, text, code in [
        ("duplicate", '{"alg":"HS256","x":1,"x":1}', "ERR_TOKEN_JSON"),
        ("alg-number", '{"alg":1}', "ERR_TOKEN_MALFORMED alg"),
        ("alg-absent", "{}", "ERR_TOKEN_MALFORMED alg"),
        ("kid-number", '{"alg":"HS256","kid":1}', "ERR_TOKEN_MALFORMED kid"),
        ("not-json", "x", "ERR_TOKEN_JSON"),
        ("array", "[]", "ERR_TOKEN_JSON"),
    ]:
        verify(area, f"header-{name}", token("HS256", KEY, "x", text), code)


def algorithms(area):
    for key, names in [
        ("secret-64", ["HS256", "HS384", "HS512"]),
        ("rsa-a", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]),
        ("p256-a", ["ES256"]),
        ("p384", ["ES384"]),
        ("p521", ["ES512"]),
        ("k256", ["ES256K"]),
        ("ed25519-a", ["EdDSA", "Ed25519"]),
    ]:
        for name in names:
            data = secret(64) if key == "secret-64" else key
            expect = {"header": {"alg": name}}
            if name[:2] in ("HS", "RS", "Ed"):
                expect["token"] = token(name, data, "payload")
            sign(
                area,
                f"sign-{key.removesuffix('-a')}-{name.lower()}",
                "payload",
                expect,
                keys=key,
                options={"algorithm": name},
                requires=[name] if name in ("ES512", "ES256K") else None,
                source="RFC 7518 section 3, RFC 8037, RFC 8812; HMAC, PKCS#1 and Ed25519 are deterministic",
            )
    text = token("RS256", "rsa-a", "x")
    for name, allowed, expect in [
        ("same", ["RS256"], {"payload": "x"}),
        ("among", ["ES256", "RS256"], {"payload": "x"}),
        ("other", ["PS256"], NOT_ALLOWED),
        ("other-type", ["HS256"], NOT_ALLOWED),
        ("unknown", ["RS257"], "ERR_UNSUPPORTED_ALGORITHM"),
        ("none", ["none"], "ERR_UNSUPPORTED_ALGORITHM"),
    ]:
        verify(area, f"algorithms-{name}", text, expect, keys="rsa-public", options={"algorithms": allowed})
    verify(
        area,
        "algorithms-eddsa-ed25519",
        token("EdDSA", "ed25519-a", "x"),
        {"payload": "x"},
        keys="ed25519-a",
        options={"algorithms": ["Ed25519"]},
        source="RFC 9864: the same on verify",
    )
    verify(area, "algorithm-of-another-type", token("HS256", KEY, "x"), NOT_ALLOWED, keys="rsa-public")


def refusals(area):
    sign(area, "sign-public-key", "x", "ERR_KEY_NOT_PRIVATE", keys="rsa-public")
    sign(area, "sign-other-algorithm", "x", "ERR_KEY_MISMATCH", keys="rsa-a", options={"algorithm": "ES256"})
    sign(area, "sign-unknown-algorithm", "x", "ERR_UNSUPPORTED_ALGORITHM", keys="rsa-a", options={"algorithm": "RS257"})
    sign(
        area, "sign-weak-secret", "x", "ERR_KEY_TOO_WEAK", keys={"secret": b64(b"short")}, source="RFC 7518 section 3.2"
    )
    sign(
        area, "sign-weak-hs512", "x", "ERR_KEY_TOO_WEAK", options={"algorithm": "HS512"}, source="RFC 7518 section 3.2"
    )
    sign(
        area,
        "sign-use-enc",
        "x",
        "ERR_KEY_MISMATCH",
        keys={"jwk": jwk("p256-a", True, use="enc")},
        source="RFC 7517 section 4.2",
    )
    sign(
        area,
        "sign-ops-verify",
        "x",
        "ERR_KEY_MISMATCH",
        keys={"jwk": jwk("p256-a", True, key_ops=["verify"])},
        source="RFC 7517 section 4.3",
    )
    verify(
        area,
        "verify-weak-secret",
        token("HS256", b"short", "x"),
        "ERR_KEY_TOO_WEAK",
        keys={"secret": b64(b"short")},
        source="RFC 7518 section 3.2",
    )
    verify(
        area,
        "verify-weak-rsa",
        token("RS256", "rsa-1024", "x"),
        "ERR_KEY_TOO_WEAK",
        keys={"jwk": jwk("rsa-1024")},
        source="RFC 7518 section 3.3",
    )
    good = token("HS256", KEY, claims())
    for name, text, code in [
        ("empty", "", "ERR_TOKEN_MALFORMED"),
        ("two-segments", good.rsplit(".", 1)[0], "ERR_TOKEN_MALFORMED"),
        ("five-segments", good + ".a.b", "ERR_TOKEN_MALFORMED"),
        ("padding", good + "=", ENCODING),
        ("space", good + " ", ENCODING),
        ("plus", good[:-4] + "+" + good[-3:], ENCODING),
        ("signature-empty", good.rsplit(".", 1)[0] + ".", INVALID),
        ("header-empty", "." + good.split(".", 1)[1], "ERR_TOKEN_MALFORMED"),
        ("signature-short", good[:-3], INVALID),
    ]:
        verify(area, f"verify-token-{name}", text, code)
