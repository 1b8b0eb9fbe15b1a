"""Keys in every form that they come in, good and bad: keys.json."""

import base64
import json

from corpus import Area
from cryptography.hazmat.primitives import serialization
from jose import MATERIAL, b64, jwk, oct_jwk, private, public_der, public_pem, secret, thumbprint, uint
from key_forms import (
    ENCODING,
    FORM,
    FORMAT,
    INCONSISTENT,
    KEYS,
    MISMATCH,
    NEEDS,
    PASSWORD,
    PLAIN,
    UNSUPPORTED,
    WEAK,
    der64,
    described,
)
from key_jwk import jwk_ec, jwk_members, jwk_okp, jwk_rsa


def areas():
    area = Area(
        "keys",
        "Keys as PEM, DER, certificates, JWK and secrets: every form, and what is wrong with others.",
        "authwright: import of keys (RFC 7517, RFC 7518 section 6, RFC 8037, RFC 5208, RFC 5915, RFC 8017, RFC 7468)",
    )

    def add(name, keys, expect, source=None, requires=None):
        area.add(f"keys-{name}", source=source, requires=requires, operation="import", keys=keys, expect=expect)

    forms(add)
    options(add)
    pem_texts(add)
    encrypted(add)
    foreign(add)
    jwk_rsa(add)
    jwk_ec(add)
    jwk_okp(add)
    jwk_members(add)
    secrets(add)
    sets(add)
    return [area]


def private_bytes(name, encoding, form):
    return private(name).private_bytes(encoding, form, PLAIN)


def forms(add):
    for name in KEYS:
        needs = NEEDS.get(name)
        label = name.removesuffix("-a")
        good, public = described(name, True), described(name, False)
        add(
            f"{label}-pkcs8-pem",
            {"pem": private_bytes(name, ENCODING.PEM, FORM.PKCS8).decode()},
            good,
            "RFC 5208",
            needs,
        )
        add(
            f"{label}-pkcs8-der", {"der": der64(private_bytes(name, ENCODING.DER, FORM.PKCS8))}, good, "RFC 5208", needs
        )
        add(f"{label}-spki-pem", {"pem": public_pem(name)}, public, "RFC 5280", needs)
        add(f"{label}-spki-der", {"der": der64(public_der(name))}, public, "RFC 5280", needs)
        add(f"{label}-jwk-private", {"jwk": jwk(name, True)}, good, "RFC 7517", needs)
        add(f"{label}-jwk-public", {"jwk": jwk(name)}, public, "RFC 7517", needs)
        if name != "ed25519-a":
            source = "RFC 8017 appendix A.1" if name.startswith("rsa") else "RFC 5915"
            add(
                f"{label}-traditional-pem",
                {"pem": private_bytes(name, ENCODING.PEM, FORM.TraditionalOpenSSL).decode()},
                good,
                source,
                needs,
            )
            add(
                f"{label}-traditional-der",
                {"der": der64(private_bytes(name, ENCODING.DER, FORM.TraditionalOpenSSL))},
                good,
                source,
                needs,
            )
    for name, pem in MATERIAL["certificates"].items():
        label = name.removesuffix("-a")
        needs = NEEDS.get(name)
        add(
            f"{label}-certificate-pem",
            {"pem": pem},
            described(name, False),
            "RFC 5280; the dates are not checked (it is long expired)",
            needs,
        )
        add(
            f"{label}-certificate-der",
            {"der": "".join(pem.split("\n")[1:-2])},
            described(name, False),
            "RFC 5280",
            needs,
        )
    pkcs1 = private("rsa-a").public_key().public_bytes(ENCODING.PEM, serialization.PublicFormat.PKCS1).decode()
    add("rsa-pkcs1-public-pem", {"pem": pkcs1}, described("rsa-a", False), "RFC 8017 appendix A.1.1")
    add(
        "rsa-pkcs1-public-der",
        {"der": "".join(pkcs1.split("\n")[1:-2])},
        described("rsa-a", False),
        "RFC 8017 appendix A.1.1",
    )
    # RFC 5915 lets the public key be left out.
    d = private("p521").private_numbers().private_value.to_bytes(66, "big")
    short = b"\x30\x50\x02\x01\x01\x04\x42" + d + bytes.fromhex("a00706052b81040023")
    add(
        "p521-sec1-without-public",
        {"der": der64(short)},
        described("p521", True),
        "RFC 5915 section 3: publicKey is optional",
        ["ES512"],
    )
    bare = b"\x30\x25\x02\x01\x01\x04\x20" + private("p256-a").private_numbers().private_value.to_bytes(32, "big")
    add(
        "p256-sec1-without-curve",
        {"der": der64(bare)},
        FORMAT,
        "RFC 5915 section 3: outside PKCS#8 the curve must be named",
    )


def options(add):
    pem = public_pem("rsa-a")
    add(
        "option-kid",
        {"pem": pem, "kid": "2026-11"},
        described("rsa-a", False, kid="2026-11", jwk=jwk("rsa-a", kid="2026-11")),
    )
    add(
        "option-alg",
        {"pem": pem, "alg": "PS384"},
        described("rsa-a", False, algorithm="PS384", jwk=jwk("rsa-a", alg="PS384")),
    )
    add("option-kid-unicode", {"pem": pem, "kid": "schlüssel/1"}, {"key": {"kid": "schlüssel/1"}})
    add("option-alg-ed25519", {"pem": public_pem("ed25519-a"), "alg": "Ed25519"}, {"key": {"algorithm": "Ed25519"}})
    add("option-alg-eddsa", {"pem": public_pem("ed25519-a"), "alg": "EdDSA"}, {"key": {"algorithm": "EdDSA"}})
    for name, key, alg, code in [
        ("rsa-es256", "rsa-a", "ES256", MISMATCH),
        ("p256-es384", "p256-a", "ES384", MISMATCH),
        ("p256-rs256", "p256-a", "RS256", MISMATCH),
        ("p256-es256k", "p256-a", "ES256K", MISMATCH),
        ("ed25519-es256", "ed25519-a", "ES256", MISMATCH),
        ("p384-eddsa", "p384", "EdDSA", MISMATCH),
        ("rsa-hs256", "rsa-a", "HS256", MISMATCH),
        ("unknown", "rsa-a", "RS257", UNSUPPORTED),
        ("none", "rsa-a", "none", UNSUPPORTED),
        ("lower-case", "rsa-a", "rs256", UNSUPPORTED),
        ("encryption", "rsa-a", "RSA-OAEP-256", UNSUPPORTED),
        ("empty", "rsa-a", "", UNSUPPORTED),
    ]:
        add(
            f"option-alg-{name}",
            {"pem": public_pem(key), "alg": alg},
            code,
            "authwright: a key with alg does that algorithm, if it is one of its own",
        )
        if alg:
            add(f"jwk-alg-{name}", {"jwk": jwk(key, alg=alg)}, code, "RFC 7517 section 4.4")


def pem_texts(add):
    pem = public_pem("p256-a")
    good = described("p256-a", False)
    body = "".join(pem.split("\n")[1:-2])
    head, tail = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"
    for name, text in [
        ("no-final-newline", pem.rstrip()),
        ("crlf", pem.replace("\n", "\r\n")),
        ("leading-newlines", "\n\n" + pem),
        ("trailing-newlines", pem + "\n\n"),
        ("text-before", "Bag Attributes\n    friendlyName: key\n" + pem),
        ("text-after", pem + "that was it\n"),
        ("one-line", f"{head}\n{body}\n{tail}\n"),
        ("wide-lines", f"{head}\n{body[:76]}\n{body[76:]}\n{tail}\n"),
        ("escaped-newlines", pem.replace("\n", "\\n")),
        ("bom", "\ufeff" + pem),
        ("no-line-ends", f"{head}{body}{tail}"),
        ("indented", "".join(f"    {line}\n" for line in pem.splitlines())),
    ]:
        add(f"pem-{name}", {"pem": text}, good, "RFC 7468; authwright: harmless deviations that people have are read")
    curve = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    traditional = private_bytes("p256-a", ENCODING.PEM, FORM.TraditionalOpenSSL).decode()
    add(
        "pem-ec-parameters-before",
        {"pem": curve + traditional},
        described("p256-a", True),
        "what `openssl ecparam -genkey` writes",
    )
    add(
        "pem-key-and-certificate",
        {"pem": MATERIAL["private"]["p256-a"] + MATERIAL["certificates"]["p256-a"]},
        described("p256-a", True),
        "a bundle: the one key is meant",
    )
    for name, text in [
        ("empty", ""),
        ("space", " \n "),
        ("word", "key"),
        ("begin-only", head + "\n"),
        ("end-missing", f"{head}\n{body}\n"),
        ("body-missing", f"{head}\n{tail}\n"),
        ("label-differs", pem.replace("END PUBLIC", "END PRIVATE")),
        ("four-dashes", pem.replace("-----", "----")),
        ("base64-only", body),
        ("bad-base64", pem.replace(body[10], "!", 1) if False else f"{head}\n{body[:10]}!{body[11:]}\n{tail}\n"),
        ("cut-short", f"{head}\n{body[:60]}\n{tail}\n"),
        ("two-keys", pem + public_pem("p384")),
        ("parameters-only", curve),
        ("request", pem.replace("PUBLIC KEY", "CERTIFICATE REQUEST")),
        ("pgp", pem.replace("PUBLIC KEY", "PGP PUBLIC KEY BLOCK")),
        ("wrong-label-private", pem.replace("PUBLIC", "EC PRIVATE").replace("EC PRIVATE KEY", "X KEY")),
        ("jwk", json.dumps(jwk("p256-a"))),
        ("jwks", json.dumps({"keys": [jwk("p256-a")]})),
        ("two-certificates", MATERIAL["certificates"]["p256-a"] * 2),
        ("der-garbage", f"{head}\n{base64.b64encode(bytes(91)).decode()}\n{tail}\n"),
        ("headers", f"{head}\nProc-Type: 4,ENCRYPTED\n\n{body}\n{tail}\n"),
    ]:
        add(
            f"pem-{name}",
            {"pem": text},
            FORMAT,
            "RFC 7468; authwright: refused with a message that says what was found",
        )
    for name, data in [
        ("empty", b""),
        ("zeros", bytes(100)),
        ("text", b"key"),
        ("pem", pem.encode()),
        ("jwk", json.dumps(jwk("p256-a")).encode()),
        ("truncated", public_der("p256-a")[:-1]),
        ("sequence-only", b"\x30\x00"),
        ("huge-length", b"\x30\x84\x7f\xff\xff\xff"),
        ("octet-string", b"\x04\x20" + bytes(32)),
        ("bits-of-raw-point", b"\x04" + bytes(64)),
        ("nested", b"\x30\x80" * 500),
    ]:
        add(f"der-{name}", {"der": der64(data)}, FORMAT, "X.690")
    add("der-garbage-behind", {"der": der64(public_der("p256-a") + b"\0")}, FORMAT, "X.690: nothing after the end")


def encrypted(add):
    files, password = MATERIAL["encrypted"], MATERIAL["encrypted"]["password"]
    for name, key in [
        ("p256-a", "p256-a"),
        ("rsa-a", "rsa-a"),
        ("ed25519-a", "ed25519-a"),
        ("p256-a-scrypt", "p256-a"),
        ("p256-a-aes128-sha1", "p256-a"),
        ("p256-a-aes256-sha512", "p256-a"),
    ]:
        label = name.replace("-a", "", 1)
        add(f"encrypted-{label}", {"pem": files[name], "password": password}, described(key, True), "RFC 8018: PBES2")
        add(f"encrypted-{label}-wrong", {"pem": files[name], "password": password + "!"}, PASSWORD, "RFC 8018: PBES2")
    add("encrypted-no-password", {"pem": files["p256-a"]}, PASSWORD)
    add("encrypted-empty-password", {"pem": files["p256-a"], "password": ""}, PASSWORD)
    add(
        "encrypted-der",
        {"der": "".join(files["p256-a"].split("\n")[1:-2]), "password": password},
        described("p256-a", True),
    )
    add(
        "encrypted-with-options",
        {"pem": files["rsa-a"], "password": password, "alg": "PS256", "kid": "k"},
        {"key": {"kid": "k", "algorithm": "PS256"}},
    )
    add(
        "encrypted-needless-password",
        {"pem": MATERIAL["private"]["p256-a"], "password": "x"},
        described("p256-a", True),
        "authwright: a password for a key that is not encrypted is ignored",
    )
    add(
        "encrypted-pbes1",
        {"pem": files["p256-a-pbes1"], "password": password},
        FORMAT,
        "authwright: schemes older than PBES2 are refused",
    )
    add(
        "encrypted-traditional",
        {"pem": files["rsa-a-traditional"], "password": password},
        FORMAT,
        "authwright: openssl's own encryption is refused",
    )
    # The number of rounds is what an attacker would raise.
    der = base64.b64decode("".join(files["p256-a"].split("\n")[1:-2]))
    rounds = b"\x02\x02\x08\x00"
    assert der.count(rounds) == 1
    at = der.index(rounds)
    for name, integer, code in [
        ("eleven-million", b"\x02\x04\x00\xa7\xd8\xc0", FORMAT),
        ("two-to-31", b"\x02\x04\x7f\xff\xff\xff", FORMAT),
        ("zero", b"\x02\x01\x00", FORMAT),
    ]:
        add(
            f"encrypted-rounds-{name}",
            {"der": der64(grown(der, at, rounds, integer)), "password": password},
            code,
            "authwright: at most 10 million rounds of PBKDF2",
        )


def grown(der, at, old, new):
    """DER with one integer replaced, and the lengths of the sequences around it set right."""
    difference = len(new) - len(old)
    result = bytearray(der)
    offset = 0
    while offset < at:
        tag, length = result[offset], result[offset + 1]
        header, size = (
            (2, length)
            if length < 0x80
            else (2 + (length & 0x7F), int.from_bytes(result[offset + 2 : offset + 2 + (length & 0x7F)], "big"))
        )
        if tag & 0x20 and offset + header + size > at:
            size += difference
            result[offset + 1 : offset + header] = (
                bytes([size]) if header == 2 else bytes([length]) + size.to_bytes(header - 2, "big")
            )
            offset += header
        else:
            offset += header + size
    return bytes(result[:at]) + new + bytes(result[at + len(old) :])


def foreign(add):
    for name in ("p224", "brainpool256"):
        add(f"curve-{name}-spki", {"pem": public_pem(name)}, UNSUPPORTED, "authwright: curves without a JWS algorithm")
        add(f"curve-{name}-pkcs8", {"pem": MATERIAL["private"][name]}, UNSUPPORTED)
    for name in ("ed448", "x25519", "x448", "dsa"):
        add(f"type-{name}-spki", {"pem": public_pem(name)}, UNSUPPORTED, "authwright: keys without an algorithm here")
        add(f"type-{name}-pkcs8", {"pem": MATERIAL["private"][name]}, UNSUPPORTED)
    add(
        "openssh-public",
        {"pem": MATERIAL["openssh"]["rsa-a-public"]},
        FORMAT,
        "authwright: OpenSSH is refused with a helpful message",
    )
    add("openssh-private", {"pem": MATERIAL["openssh"]["ed25519-a-private"]}, FORMAT)
    # A point in compressed form, and curve parameters that are spelt out (CVE-2020-0601).
    point = private("p256-a").public_key().public_bytes(ENCODING.X962, serialization.PublicFormat.CompressedPoint)
    spki = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + point
    add("p256-compressed", {"der": der64(spki)}, FORMAT, "SEC 1 section 2.3.3: a compressed point")
    off = bytearray(public_der("p256-a"))
    off[-1] ^= 1
    add(
        "p256-spki-off-curve",
        {"der": der64(bytes(off))},
        INCONSISTENT,
        "invalid curve attack: a point that is not on the curve",
    )
    infinity = bytes.fromhex("3019301306072a8648ce3d020106082a8648ce3d0301070302") + b"\0\0"
    add("p256-spki-infinity", {"der": der64(infinity)}, FORMAT, "the point at infinity is no public key")


def secrets(add):
    rfc = "RFC 7518 section 6.4, and section 3.2 for lengths"
    add(
        "oct-jwk",
        {"jwk": oct_jwk(secret(32), kid="k", alg="HS256")},
        {
            "key": {
                "kid": "k",
                "algorithm": "HS256",
                "is_private": True,
                "private_jwk": oct_jwk(secret(32), kid="k", alg="HS256"),
                "thumbprint": thumbprint(oct_jwk(secret(32))),
            }
        },
        rfc,
    )
    add(
        "secret",
        {"secret": b64(secret(32))},
        {"key": {"kid": None, "algorithm": None, "is_private": True, "private_jwk": oct_jwk(secret(32))}},
        rfc,
    )
    add(
        "secret-options",
        {"secret": b64(secret(64)), "alg": "HS512", "kid": "s"},
        {"key": {"kid": "s", "algorithm": "HS512"}},
        rfc,
    )
    add(
        "secret-short-loads",
        {"secret": b64(b"x")},
        {"key": {"is_private": True}},
        "authwright: weak keys load, and are refused when they are used",
    )
    add(
        "secret-short-for-alg-loads",
        {"secret": b64(secret(32)), "alg": "HS512"},
        {"key": {"algorithm": "HS512"}},
        "authwright: likewise",
    )
    add("secret-long", {"secret": b64(secret(5000))}, {"key": {"private_jwk": oct_jwk(secret(5000))}}, rfc)
    add(
        "secret-any-bytes",
        {"secret": b64(bytes(range(256)))},
        {"key": {"private_jwk": oct_jwk(bytes(range(256)))}},
        rfc,
    )
    add("secret-empty", {"secret": ""}, WEAK, "authwright: an empty secret is none")
    for alg, code in (
        ("RS256", MISMATCH),
        ("ES256", MISMATCH),
        ("EdDSA", MISMATCH),
        ("HS257", UNSUPPORTED),
        ("none", UNSUPPORTED),
    ):
        add(f"secret-alg-{alg.lower()}", {"secret": b64(secret(32)), "alg": alg}, code)
    for name, k in [
        ("number", 1),
        ("null", None),
        ("padded", b64(secret(32)) + "="),
        ("standard-alphabet", "+/" + b64(secret(32))[2:]),
        ("space", " " + b64(secret(32))),
        ("trailing-bits", b64(secret(32))[:-1] + "B"),
    ]:
        add(f"oct-k-{name}", {"jwk": {"kty": "oct", "k": k}}, f"{FORMAT} k", rfc)
    add(
        "secret-looks-like-text",
        {"secret": b64(b"-----a passphrase that has dashes and is long enough-----")},
        {"key": {"is_private": True}},
        "authwright: only what reads as a key is refused",
    )
    add(
        "secret-json-without-kty",
        {"secret": b64(b'{"this":"is a secret that happens to be JSON, and no key"}')},
        {"key": {"is_private": True}},
    )


def sets(add):
    good, other = jwk("p256-a", kid="a"), jwk("ed25519-a", kid="b")
    rfc = "RFC 7517 section 5"

    def add_set(name, members, expected, source=rfc, **more):
        expect = (
            expected if isinstance(expected, str) else {"set": {"length": len(expected), "jwks": {"keys": expected}}}
        )
        add(f"set-{name}", {"jwks": {"keys": members} | more}, expect, source)

    add_set("two", [good, other], [good, other])
    add_set("empty", [], [])
    add_set("unknown-members", [good], [good], next="https://id.example/keys?page=2", issuer="x")
    kept = "authwright: unknown key types and unusable keys are kept out of the way rather than failing the set"
    for name, member in [
        ("unknown-kty", {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"}),
        ("no-kty", {"kid": "x"}),
        ("unknown-curve", jwk("p224") | {"crv": "P-224"}),
        ("x25519", jwk("x25519")),
        ("encryption-alg", jwk("rsa-a", alg="RSA-OAEP", use="enc")),
        ("off-curve", good | {"x": good["y"]}),
        ("rsa-512", {"kty": "RSA", "n": uint((1 << 511) | 1), "e": "AQAB"}),
        ("empty-secret", {"kty": "oct", "k": ""}),
        ("string", "key"),
        ("null", None),
        ("number", 1),
        ("list", [good]),
        ("empty-object", {}),
        ("bad-base64", good | {"x": "!!!"}),
        ("kid-number", good | {"kid": 7}),
        ("inconsistent", jwk("p256-a", True) | {"d": jwk("p256-b", True)["d"]}),
        ("nested-set", {"keys": [good]}),
    ]:
        add_set(f"with-{name}", [member, other], [other], kept)
    add_set("only-unusable", [{"kty": "AKP"}, None], [], kept)
    add_set(
        "private",
        [jwk("p256-a", True, kid="a"), jwk("rsa-a", True, kid="r")],
        [good, jwk("rsa-a", kid="r")],
        "authwright: only public parts leave a set",
    )
    duplicates = "authwright: exact duplicates collapse; different keys of one kid are kept"
    add_set("duplicate", [good, good], [good], duplicates)
    add_set("duplicate-kid", [good, jwk("p256-b", kid="a")], [good, jwk("p256-b", kid="a")], duplicates)
    add_set("duplicate-material", [good, jwk("p256-a", kid="z")], [good, jwk("p256-a", kid="z")], duplicates)
    add_set("duplicate-kid-other-type", [good, jwk("rsa-a", kid="a")], [good, jwk("rsa-a", kid="a")], duplicates)
    add(
        "set-with-secret",
        {"jwks": {"keys": [oct_jwk(secret(32), kid="s"), good]}},
        {"set": {"length": 2, "jwks": {"keys": [good]}}},
        "authwright: a secret is in the set, and never in what leaves it",
    )
    for name, value in [
        ("empty", ""),
        ("array", json.dumps([good])),
        ("single-jwk", json.dumps(good)),
        ("no-keys", "{}"),
        ("keys-null", '{"keys":null}'),
        ("keys-object", '{"keys":{}}'),
        ("keys-string", '{"keys":"x"}'),
        ("garbage-behind", '{"keys":[]}x'),
        ("duplicate-keys", '{"keys":[],"keys":[]}'),
        ("duplicate-in-key", '{"keys":[{"kty":"oct","kty":"EC"}]}'),
        ("pem", public_pem("p256-a")),
        ("html", "<!DOCTYPE html><html></html>"),
        ("certificates", json.dumps({"kid": MATERIAL["certificates"]["rsa-a"]})),
        ("upper-case", '{"KEYS":[]}'),
        ("null", "null"),
    ]:
        add(f"set-text-{name}", {"jwks": value}, FORMAT, "RFC 7517 section 5: an object with an array in keys")
