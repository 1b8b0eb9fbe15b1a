"""Attacks on the choice of the algorithm: attacks-algorithm.json."""

import base64
import json

from corpus import POLICY, Area, claims
from jose import (
    MATERIAL,
    b64,
    compact_json,
    jwk,
    oct_jwk,
    private,
    public_der,
    public_pem,
    secret,
    signature,
    token,
    uint,
)

NOT_ALLOWED = "ERR_ALGORITHM_NOT_ALLOWED alg"


def areas():
    rsa_jwk = jwk("rsa-a")
    area = Area(
        "attacks-algorithm",
        "alg none, RS256 taken for HS256, empty HMAC keys, and ways around an allow-list.",
        "authwright: the attack classes of published JOSE weaknesses",
        {
            "secret": {"jwk": oct_jwk(secret(32))},
            "rsa": {"jwk": rsa_jwk},
            "rsa-pem": {"pem": public_pem("rsa-a")},
            "certificate": {"pem": MATERIAL["certificates"]["rsa-a"]},
            "p256": {"jwk": jwk("p256-a")},
            "ed25519": {"jwk": jwk("ed25519-a")},
            "mixed-set": {"jwks": {"keys": [rsa_jwk | {"kid": "rsa"}, oct_jwk(secret(32), kid="secret")]}},
            "rsa-set": {"jwks": {"keys": [rsa_jwk | {"kid": "rsa"}]}},
        },
    )
    none(area)
    confusion(area)
    empty_keys(area)
    bypasses(area)
    return [area]


def none(area):
    source = "alg none (CVE-2015-9235, CVE-2022-23540 and many others)"
    payload = b64(compact_json(claims()))
    for name, alg in [
        ("lower", "none"),
        ("title", "None"),
        ("upper", "NONE"),
        ("mixed", "nOnE"),
        ("trailing-space", "none "),
        ("leading-space", " none"),
        ("empty", ""),
        ("nul", "none\0"),
        ("cyrillic", "n\u043ene"),
        ("fullwidth", "\uff4eone"),
        ("newline", "none\n"),
        ("word-null", "null"),
    ]:
        header = b64(json.dumps({"alg": alg}))
        area.add(
            f"alg-none-{name}",
            source=source,
            keys="secret",
            policy=POLICY,
            input=f"{header}.{payload}.",
            expect=NOT_ALLOWED,
        )
    escaped = b64('{"alg":"\\u006eone"}')
    area.add(
        "alg-none-escaped",
        source=source,
        keys="secret",
        policy=POLICY,
        input=f"{escaped}.{payload}.",
        expect=NOT_ALLOWED,
    )
    plain = b64('{"alg":"none"}')
    for key in ("rsa", "p256", "ed25519", "mixed-set"):
        area.add(
            f"alg-none-with-{key}",
            source=source,
            keys=key,
            policy=POLICY,
            input=f"{plain}.{payload}.",
            expect=NOT_ALLOWED,
        )
    area.add(
        "alg-none-with-signature",
        source=source + ", and a good HMAC behind it",
        keys="secret",
        policy=POLICY,
        input=token("HS256", secret(32), claims(), alg_header="none"),
        expect=NOT_ALLOWED,
    )
    area.add(
        "alg-none-two-segments",
        source=source,
        keys="secret",
        policy=POLICY,
        input=f"{plain}.{payload}",
        expect="ERR_TOKEN_MALFORMED",
    )
    area.add(
        "alg-none-jws",
        source=source,
        operation="jws_verify",
        keys="secret",
        input=f"{plain}.{payload}.",
        expect=NOT_ALLOWED,
    )
    area.add(
        "alg-none-jws-detached",
        source=source,
        operation="jws_verify",
        keys="secret",
        input=f"{plain}..",
        payload="{}",
        expect=NOT_ALLOWED,
    )
    area.add(
        "alg-none-key",
        source=source,
        operation="import",
        keys={"jwk": rsa_without_private() | {"alg": "none"}},
        expect="ERR_UNSUPPORTED_ALGORITHM",
    )
    area.add(
        "alg-none-sign",
        source=source,
        operation="sign",
        keys="secret",
        options={"algorithm": "none", "lifetime": 60},
        input={},
        expect="ERR_UNSUPPORTED_ALGORITHM",
    )


def rsa_without_private():
    return jwk("rsa-a")


def spellings():
    """The texts and bytes that a public RSA key goes by."""
    pem = public_pem("rsa-a")
    key = jwk("rsa-a")
    pkcs1 = _pkcs1()
    return {
        "pem": pem.encode(),
        "pem-no-newline": pem.rstrip("\n").encode(),
        "pem-crlf": pem.replace("\n", "\r\n").encode(),
        "pem-leading-space": b" " + pem.encode(),
        "pem-leading-newline": b"\n" + pem.encode(),
        "pem-bom": b"\xef\xbb\xbf" + pem.encode(),
        "pem-one-line": pem.replace("\n", "").encode(),
        "pem-escaped-newlines": pem.replace("\n", "\\n").encode(),
        "pkcs1-pem": pkcs1,
        "certificate": MATERIAL["certificates"]["rsa-a"].encode(),
        "der": public_der("rsa-a"),
        "der-base64": base64.b64encode(public_der("rsa-a")),
        "ssh": MATERIAL["openssh"]["rsa-a-public"].encode(),
        "jwk": compact_json(key).encode(),
        "jwk-spaced": json.dumps(key).encode(),
        "jwk-indented": json.dumps(key, indent=2).encode(),
        "jwks": compact_json({"keys": [key]}).encode(),
        "jwks-array": compact_json([key]).encode(),
    }


def _pkcs1():
    from cryptography.hazmat.primitives import serialization

    return private("rsa-a").public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)


def confusion(area):
    source = (
        "a public RSA key taken for an HMAC secret (CVE-2016-10555, CVE-2017-11424, CVE-2022-29217, CVE-2024-33663, "
        "CVE-2024-37568, CVE-2023-48223, CVE-2023-48238)"
    )
    raw = dict(
        spellings(),
        modulus=private("rsa-a").public_key().public_numbers().n.to_bytes(256, "big"),
        modulus_text=jwk("rsa-a")["n"].encode(),
    )
    for name, data in raw.items():
        name = name.replace("_", "-")
        forged = token("HS256", data, claims())
        area.add(f"alg-confusion-{name}", source=source, keys="rsa", policy=POLICY, input=forged, expect=NOT_ALLOWED)
    for key in ("rsa-pem", "certificate", "rsa-set"):
        area.add(
            f"alg-confusion-key-{key}",
            source=source,
            keys=key,
            policy=POLICY,
            expect=NOT_ALLOWED,
            input=token("HS256", spellings()["pem"], claims()),
        )
    for algorithm in ("HS384", "HS512"):
        area.add(
            f"alg-confusion-{algorithm.lower()}",
            source=source,
            keys="rsa-pem",
            policy=POLICY,
            input=token(algorithm, spellings()["pem"], claims()),
            expect=NOT_ALLOWED,
        )
    area.add(
        "alg-confusion-allowed-by-policy",
        source=source + ": the policy allows both families, the key does not",
        keys="rsa-pem",
        policy=POLICY | {"algorithms": ["RS256", "HS256"]},
        input=token("HS256", spellings()["pem"], claims()),
        expect=NOT_ALLOWED,
    )
    area.add(
        "alg-confusion-jws",
        source=source,
        operation="jws_verify",
        keys="rsa-pem",
        input=token("HS256", spellings()["pem"], claims()),
        expect=NOT_ALLOWED,
    )
    for name in ("p256-a", "ed25519-a"):
        area.add(
            f"alg-confusion-{name[:-2]}",
            source=source + ": other public keys",
            keys={"pem": public_pem(name)},
            policy=POLICY,
            input=token("HS256", public_pem(name).encode(), claims()),
            expect=NOT_ALLOWED,
        )
    area.add(
        "alg-confusion-set-kid-of-rsa",
        source=source + ": the set has a secret too, under another kid",
        keys="mixed-set",
        policy=POLICY,
        input=token("HS256", spellings()["pem"], claims(), {"kid": "rsa"}),
        expect="ERR_KEY_NOT_FOUND kid",
    )
    area.add(
        "alg-confusion-set-kid-of-secret",
        source=source,
        keys="mixed-set",
        policy=POLICY,
        input=token("HS256", spellings()["pem"], claims(), {"kid": "secret"}),
        expect="ERR_SIGNATURE_INVALID",
    )
    area.add(
        "alg-confusion-set-no-kid",
        source=source,
        keys="mixed-set",
        policy=POLICY,
        input=token("HS256", spellings()["pem"], claims()),
        expect="ERR_SIGNATURE_INVALID",
    )
    area.add(
        "alg-confusion-set-good",
        source="the same set, used rightly",
        keys="mixed-set",
        policy=POLICY,
        input=token("HS256", secret(32), claims(), {"kid": "secret"}),
        expect={"claims": claims()},
    )
    # The other side of it: a program that hands a public key over as a secret.
    said = "CVE-2016-10555 and its successors, from the side of the caller: a secret that reads as a key is refused"
    for name, data in spellings().items():
        area.add(
            f"alg-confusion-secret-is-{name}",
            source=said,
            operation="import",
            keys={"secret": b64(data)},
            expect="ERR_KEY_FORMAT",
        )
    area.add(
        "alg-confusion-secret-with-alg",
        source=said,
        operation="import",
        keys={"secret": b64(spellings()["pem"]), "alg": "HS256"},
        expect="ERR_KEY_FORMAT",
    )
    area.add(
        "alg-confusion-oct-is-pem",
        source=said,
        operation="import",
        keys={"jwk": oct_jwk(spellings()["pem"])},
        expect="ERR_KEY_FORMAT",
    )
    area.add(
        "alg-confusion-rsa-with-hs-alg",
        source=said,
        operation="import",
        keys={"jwk": jwk("rsa-a", alg="HS256")},
        expect="ERR_KEY_MISMATCH",
    )
    area.add(
        "alg-confusion-pem-with-hs-alg",
        source=said,
        operation="import",
        keys={"pem": public_pem("rsa-a"), "alg": "HS256"},
        expect="ERR_KEY_MISMATCH",
    )


def empty_keys(area):
    source = "an RSA JWK without alg as an empty HMAC key (CVE-2026-44699); empty keys (CVE-2026-49852, CVE-2026-45363)"
    for name, data in [
        ("empty", b""),
        ("nul", b"\0"),
        ("undefined", b"undefined"),
        ("null", b"null"),
        ("object", b"[object Object]"),
    ]:
        for key in ("rsa", "secret"):
            area.add(
                f"empty-hmac-key-{name}-against-{key}",
                source=source,
                keys=key,
                policy=POLICY,
                input=token("HS256", data, claims()),
                expect=NOT_ALLOWED if key == "rsa" else "ERR_SIGNATURE_INVALID",
            )
    forged = token("HS256", b"", claims())
    for weak in (False, True):
        suffix = "-allowed-weak" if weak else ""
        policy = POLICY | ({"dangerous_weak_keys": True} if weak else {})
        area.add(
            f"empty-hmac-key-secret{suffix}",
            source=source,
            keys={"secret": ""},
            policy=policy,
            input=forged,
            expect="ERR_KEY_TOO_WEAK",
        )
        area.add(
            f"empty-hmac-key-oct{suffix}",
            source=source,
            keys={"jwk": {"kty": "oct", "k": ""}},
            policy=policy,
            input=forged,
            expect="ERR_KEY_TOO_WEAK",
        )
    area.add(
        "empty-hmac-key-oct-without-k",
        source=source,
        keys={"jwk": {"kty": "oct"}},
        policy=POLICY,
        input=forged,
        expect="ERR_KEY_FORMAT k",
    )
    area.add(
        "empty-hmac-key-oct-k-null",
        source=source,
        keys={"jwk": {"kty": "oct", "k": None}},
        policy=POLICY,
        input=forged,
        expect="ERR_KEY_FORMAT k",
    )
    area.add(
        "empty-hmac-key-in-set",
        source=source,
        keys={"jwks": {"keys": [{"kty": "oct", "k": ""}]}},
        policy=POLICY,
        input=forged,
        expect=NOT_ALLOWED,
    )
    area.add(
        "empty-hmac-key-empty-set",
        source=source,
        keys={"jwks": {"keys": []}},
        policy=POLICY,
        input=forged,
        expect=NOT_ALLOWED,
    )


def bypasses(area):
    source = "alg that is not a string, or not quite a name"
    payload = b64(compact_json(claims()))
    for name, text in [
        ("null", "null"),
        ("number", "256"),
        ("true", "true"),
        ("list", '["HS256"]'),
        ("object", '{"name":"HS256"}'),
    ]:
        header = b64(f'{{"alg":{text}}}')
        mac = b64(signature("HS256", secret(32), f"{header}.{payload}".encode()))
        area.add(
            f"alg-type-{name}",
            source=source,
            keys="secret",
            policy=POLICY,
            input=f"{header}.{payload}.{mac}",
            expect="ERR_TOKEN_MALFORMED alg",
        )
    for name, header in [("absent", {}), ("other-case", {"ALG": "HS256"}), ("nested", {"header": {"alg": "HS256"}})]:
        segment = b64(compact_json(header))
        mac = b64(signature("HS256", secret(32), f"{segment}.{payload}".encode()))
        area.add(
            f"alg-{name}",
            source=source,
            keys="secret",
            policy=POLICY,
            input=f"{segment}.{payload}.{mac}",
            expect="ERR_TOKEN_MALFORMED alg",
        )
    for name, alg in [
        ("lower", "hs256"),
        ("trailing-space", "HS256 "),
        ("nul", "HS256\0"),
        ("dash", "HS-256"),
        ("long-name", "HmacSHA256"),
        ("hs1", "HS1"),
        ("key-wrap", "A128KW"),
        ("direct", "dir"),
        ("two", "HS256,none"),
        ("long", "HS256" * 2000),
        ("prefix", "HS25"),
        ("fullwidth", "\uff28S256"),
        ("prototype", "__proto__"),
        ("constructor", "constructor"),
    ]:
        area.add(
            f"alg-name-{name}",
            source=source,
            keys="secret",
            policy=POLICY,
            input=token("HS256", secret(32), claims(), alg_header=alg),
            expect=NOT_ALLOWED,
        )
    area.add(
        "alg-name-escaped",
        source="RFC 7515 section 5.3: compared after unescaping",
        keys="secret",
        policy=POLICY,
        input=token("HS256", secret(32), claims(), '{"alg":"\\u0048S256"}'),
        expect={"claims": claims()},
    )
    for name, text in [
        ("first-good", '{"alg":"HS256","alg":"none"}'),
        ("last-good", '{"alg":"none","alg":"HS256"}'),
        ("escaped", '{"alg":"HS256","\\u0061lg":"none"}'),
    ]:
        area.add(
            f"alg-twice-{name}",
            source="duplicate members read differently by different parsers",
            keys="secret",
            policy=POLICY,
            input=token("HS256", secret(32), claims(), text),
            expect="ERR_TOKEN_JSON",
        )
    unprotected = {"payload": payload, "header": {"alg": "HS256"}, "signature": b64(bytes(32))}
    area.add(
        "alg-unprotected-header",
        source="alg from an unprotected header",
        keys="secret",
        policy=POLICY,
        input=json.dumps(unprotected),
        expect="ERR_TOKEN_MALFORMED",
    )
    area.add(
        "alg-kelvin-sign",
        source="Unicode folding: U+212A lower-cased is k",
        keys={"jwk": jwk("p256-a")},
        policy=POLICY,
        input=token("ES256", "p256-a", claims(), alg_header="ES256\u212a"),
        expect=NOT_ALLOWED,
    )
    area.add(
        "alg-allow-list-key-says-otherwise",
        source="allow-list bypass through a key object: both must allow",
        policy=POLICY | {"algorithms": ["RS256"]},
        keys={"jwk": jwk("rsa-a", alg="PS256")},
        input=token("RS256", "rsa-a", claims()),
        expect="ERR_KEY_MISMATCH algorithms",
    )
    area.add(
        "alg-allow-list-set-says-otherwise",
        source="allow-list bypass through a key object: both must allow",
        policy=POLICY | {"algorithms": ["RS256"]},
        keys={"jwks": {"keys": [jwk("rsa-a", alg="PS256")]}},
        input=token("RS256", "rsa-a", claims()),
        expect=NOT_ALLOWED,
    )
    area.add(
        "alg-allow-list-jws",
        source="the same in jws",
        operation="jws_verify",
        keys="rsa",
        options={"algorithms": ["PS256"]},
        input=token("RS256", "rsa-a", claims()),
        expect=NOT_ALLOWED,
    )
    for name, e in (("e-zero", "AA"), ("e-one", "AQ")):
        area.add(
            f"alg-rsa-{name}",
            source="an RSA key under which every message is its own signature",
            operation="import",
            keys={"jwk": jwk("rsa-a") | {"e": e}},
            expect="ERR_KEY_FORMAT",
        )
    area.add(
        "alg-rsa-n-zero",
        source="an RSA key of zeros",
        operation="import",
        keys={"jwk": jwk("rsa-a") | {"n": uint(0)}},
        expect="ERR_KEY_TOO_WEAK",
    )
