"""JWKs, member by member: the part of keys.json that key_import hands over to."""

import json

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import MATERIAL, b64, jwk, oct_jwk, public_pem, secret, uint, unb64
from key_forms import ENCODING, FORMAT, INCONSISTENT, UNSUPPORTED, WEAK, der64, described


def jwk_rsa(add):
    good, whole = jwk("rsa-a"), jwk("rsa-a", True)
    rfc = "RFC 7518 section 6.3"
    for member in ("n", "e"):
        add(
            f"jwk-rsa-without-{member}",
            {"jwk": {key: value for key, value in good.items() if key != member}},
            f"{FORMAT} {member}",
            rfc,
        )
        for name, value in [
            ("number", 65537),
            ("null", None),
            ("padded", good[member] + "="),
            ("plus", "+" + good[member][1:]),
            ("space", " " + good[member]),
            ("list", [good[member]]),
            ("newline", good[member] + "\n"),
        ]:
            add(f"jwk-rsa-{member}-{name}", {"jwk": good | {member: value}}, f"{FORMAT} {member}", rfc)
    for name, e in [("zero", 0), ("one", 1), ("two", 2), ("even", 65536), ("huge", 2**64 + 1), ("empty", None)]:
        add(
            f"jwk-rsa-exponent-{name}",
            {"jwk": good | {"e": "" if e is None else uint(e)}},
            FORMAT,
            "RFC 8017 section 3.1",
        )
    add(
        "jwk-rsa-exponent-3",
        {"jwk": jwk("rsa-e3")},
        described("rsa-e3", False),
        "RFC 8017 section 3.1: 3 is an exponent",
    )
    add(
        "jwk-rsa-even-modulus",
        {"jwk": good | {"n": uint(int.from_bytes(unb64(good["n"]), "big") - 1)}},
        FORMAT,
        "RFC 8017 section 3.1",
    )
    add(
        "jwk-rsa-leading-zero",
        {"jwk": good | {"n": b64(b"\0" + unb64(good["n"]))}},
        described("rsa-a", False),
        "RFC 7518 section 6.3.1.1 forbids the zero that some issuers write; it changes nothing",
    )
    for member in ("p", "q", "dp", "dq", "qi"):
        add(
            f"jwk-rsa-private-without-{member}",
            {"jwk": {key: value for key, value in whole.items() if key != member}},
            f"{FORMAT} {member}",
            "authwright: a private RSA JWK without the CRT parts is refused clearly",
        )
    add(
        "jwk-rsa-private-n-e-d",
        {"jwk": {key: whole[key] for key in ("kty", "n", "e", "d")}},
        FORMAT,
        "RFC 7518 section 6.3.2 allows it; authwright refuses it clearly",
    )
    add("jwk-rsa-parts-without-d", {"jwk": {key: value for key, value in whole.items() if key != "d"}}, FORMAT)
    add(
        "jwk-rsa-more-primes",
        {"jwk": whole | {"oth": [{"r": "AQ", "d": "AQ", "t": "AQ"}]}},
        f"{FORMAT} oth",
        "RFC 7518 section 6.3.2.7",
    )
    other = jwk("rsa-b", True)
    for member in ("n", "d", "p", "q", "dp", "dq", "qi"):
        add(
            f"jwk-rsa-inconsistent-{member}",
            {"jwk": whole | {member: other[member]}},
            INCONSISTENT,
            "authwright: parts that disagree are refused",
        )
    add("jwk-rsa-inconsistent-swapped-primes", {"jwk": whole | {"p": whole["q"], "q": whole["p"]}}, INCONSISTENT)
    add("jwk-rsa-inconsistent-e", {"jwk": whole | {"e": uint(65539)}}, INCONSISTENT)
    add("jwk-rsa-inconsistent-p-is-one", {"jwk": whole | {"p": "AQ", "q": whole["n"]}}, INCONSISTENT)
    add(
        "jwk-rsa-1024-public",
        {"jwk": jwk("rsa-1024")},
        described("rsa-1024", False),
        "authwright: weak keys load, and are refused when they are used",
    )
    add("jwk-rsa-1024-private", {"jwk": jwk("rsa-1024", True)}, WEAK, "authwright: nobody has to sign with a weak key")
    add("pkcs8-rsa-1024-private", {"pem": MATERIAL["private"]["rsa-1024"]}, WEAK)
    for bits, expect in ((512, WEAK), (1023, WEAK), (8192, None), (8193, FORMAT), (16384, FORMAT)):
        number = (1 << (bits - 1)) | 0xABCDEF
        members = {"kty": "RSA", "n": uint(number), "e": "AQAB"}
        add(
            f"jwk-rsa-{bits}",
            {"jwk": members},
            expect or {"key": {"jwk": members, "is_private": False}},
            "authwright: RSA 2048 to 8192 bits",
        )
    numbers = rsa.RSAPublicNumbers(65537, (1 << 1022) | 1).public_key()
    add(
        "spki-rsa-1023",
        {"der": der64(numbers.public_bytes(ENCODING.DER, serialization.PublicFormat.SubjectPublicKeyInfo))},
        WEAK,
    )


def jwk_ec(add):
    good, whole = jwk("p256-a"), jwk("p256-a", True)
    rfc = "RFC 7518 section 6.2"
    for member in ("crv", "x", "y"):
        add(
            f"jwk-ec-without-{member}",
            {"jwk": {key: value for key, value in good.items() if key != member}},
            f"{FORMAT} {member}",
            rfc,
        )
        add(f"jwk-ec-{member}-number", {"jwk": good | {member: 1}}, f"{FORMAT} {member}", rfc)
    for member in ("x", "y", "d"):
        short, long_ = b64(unb64(whole[member])[1:]), b64(b"\0" + unb64(whole[member]))
        for name, value in [
            ("short", short),
            ("long", long_),
            ("padded", whole[member] + "="),
            ("empty", ""),
            ("null", None),
        ]:
            add(
                f"jwk-ec-{member}-{name}",
                {"jwk": whole | {member: value}},
                f"{FORMAT} {member}",
                rfc + ": always the full size",
            )
    for name, crv in [
        ("p-192", "P-192"),
        ("p-224", "P-224"),
        ("lower-case", "p-256"),
        ("nist", "NIST P-256"),
        ("secp256r1", "secp256r1"),
        ("ed25519", "Ed25519"),
        ("brainpool", "BP-256"),
        ("empty", ""),
        ("p-256k", "P-256K"),
    ]:
        add(f"jwk-ec-curve-{name}", {"jwk": good | {"crv": crv}}, f"{UNSUPPORTED} crv", rfc)
    add("jwk-ec-curve-of-another", {"jwk": good | {"crv": "P-384"}}, FORMAT, rfc)
    add(
        "jwk-ec-curve-secp256k1",
        {"jwk": good | {"crv": "secp256k1"}},
        INCONSISTENT,
        "invalid curve attack: the point is not on this curve",
        ["ES256K"],
    )
    x, y = (int.from_bytes(unb64(good[member]), "big") for member in ("x", "y"))
    prime = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
    off = "invalid curve attack: a point that is not on the curve"
    for name, px, py in [
        ("y-plus-one", x, y + 1),
        ("zero", 0, 0),
        ("swapped", y, x),
        ("x-is-prime", prime, y),
        ("ones", 2**256 - 1, 2**256 - 1),
    ]:
        add(f"jwk-ec-off-curve-{name}", {"jwk": good | {"x": uint(px, 32), "y": uint(py, 32)}}, INCONSISTENT, off)
    add(
        "jwk-ec-negated-point",
        {"jwk": good | {"y": uint(prime - y, 32)}},
        {"key": {"is_private": False}},
        "the negated point is another good key",
    )
    add(
        "jwk-ec-negated-private",
        {"jwk": whole | {"y": uint(prime - y, 32)}},
        INCONSISTENT,
        "authwright: parts that disagree are refused",
    )
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    for name, d in [("zero", 0), ("order", order), ("above-order", order + 1), ("ones", 2**256 - 1)]:
        add(f"jwk-ec-d-{name}", {"jwk": whole | {"d": uint(d, 32)}}, INCONSISTENT, "SEC 1 section 3.2.1: 1 to n - 1")
    add(
        "jwk-ec-d-of-another",
        {"jwk": whole | {"d": jwk("p256-b", True)["d"]}},
        INCONSISTENT,
        "authwright: parts that disagree are refused",
    )


def jwk_okp(add):
    good, whole = jwk("ed25519-a"), jwk("ed25519-a", True)
    rfc = "RFC 8037 section 2"
    add("jwk-okp-without-crv", {"jwk": {"kty": "OKP", "x": good["x"]}}, f"{FORMAT} crv", rfc)
    add("jwk-okp-without-x", {"jwk": {"kty": "OKP", "crv": "Ed25519"}}, f"{FORMAT} x", rfc)
    add(
        "jwk-okp-private-without-x",
        {"jwk": {key: value for key, value in whole.items() if key != "x"}},
        f"{FORMAT} x",
        rfc,
    )
    for name, x in [
        ("short", b64(unb64(good["x"])[:31])),
        ("long", b64(unb64(good["x"]) + b"\0")),
        ("padded", good["x"] + "="),
        ("empty", ""),
        ("number", 5),
    ]:
        add(f"jwk-okp-x-{name}", {"jwk": good | {"x": x}}, f"{FORMAT} x", rfc)
    for name, d in [("short", b64(bytes(31))), ("long", b64(bytes(64))), ("null", None)]:
        add(f"jwk-okp-d-{name}", {"jwk": whole | {"d": d}}, f"{FORMAT} d", rfc)
    add(
        "jwk-okp-d-of-another",
        {"jwk": whole | {"d": jwk("ed25519-b", True)["d"]}},
        INCONSISTENT,
        "authwright: parts that disagree are refused",
    )
    for crv in ("Ed448", "X25519", "X448"):
        add(f"jwk-okp-{crv.lower()}", {"jwk": jwk(crv.lower())}, f"{UNSUPPORTED} crv", rfc)
    add("jwk-okp-crv-lower-case", {"jwk": good | {"crv": "ed25519"}}, f"{UNSUPPORTED} crv", rfc)
    add("jwk-okp-crv-p256", {"jwk": good | {"crv": "P-256"}}, f"{UNSUPPORTED} crv", rfc)
    add(
        "jwk-okp-with-y",
        {"jwk": good | {"y": good["x"]}},
        {"key": {"jwk": good | {"y": good["x"]}}},
        "RFC 7517 section 4: what is not known is kept",
    )


def jwk_members(add):
    good = jwk("p256-a")
    rfc = "RFC 7517 section 4"
    extra = good | {
        "kid": "k",
        "use": "sig",
        "key_ops": ["verify"],
        "alg": "ES256",
        "x5t": "AAAA",
        "ext": True,
        "nested": {"list": [1, None, "ä"]},
        "": 0,
    }
    add(
        "jwk-unknown-members",
        {"jwk": extra},
        {"key": {"kid": "k", "algorithm": "ES256", "jwk": extra}},
        rfc + ": unknown members are kept and exported",
    )
    whole = jwk("p256-a", True, kid="k", use="sig", key_ops=["sign"], vendor="x")
    add("jwk-private-members", {"jwk": whole}, {"key": {"private_jwk": whole}}, rfc)
    for name, value, code in [
        ("kty-absent", {key: value for key, value in good.items() if key != "kty"}, f"{FORMAT} kty"),
        ("kty-number", good | {"kty": 1}, f"{FORMAT} kty"),
        ("kty-null", good | {"kty": None}, f"{FORMAT} kty"),
        ("kty-lower-case", good | {"kty": "ec"}, f"{UNSUPPORTED} kty"),
        ("kty-unknown", {"kty": "AKP", "pub": "AA"}, f"{UNSUPPORTED} kty"),
        ("kty-empty", good | {"kty": ""}, f"{UNSUPPORTED} kty"),
        ("kty-of-another", good | {"kty": "RSA"}, FORMAT),
        ("kty-okp-of-ec", good | {"kty": "OKP"}, f"{UNSUPPORTED} crv"),
        ("kid-number", good | {"kid": 1}, f"{FORMAT} kid"),
        ("kid-null", good | {"kid": None}, f"{FORMAT} kid"),
        ("alg-number", good | {"alg": 256}, f"{FORMAT} alg"),
        ("alg-null", good | {"alg": None}, f"{FORMAT} alg"),
        ("use-number", good | {"use": 1}, f"{FORMAT} use"),
        ("use-list", good | {"use": ["sig"]}, f"{FORMAT} use"),
        ("key-ops-string", good | {"key_ops": "verify"}, f"{FORMAT} key_ops"),
        ("key-ops-number", good | {"key_ops": [1]}, f"{FORMAT} key_ops"),
        ("key-ops-null", good | {"key_ops": None}, f"{FORMAT} key_ops"),
        ("empty", {}, f"{FORMAT} kty"),
        ("is-a-set", {"keys": [good]}, FORMAT),
        ("public-rsa-with-k", jwk("rsa-a") | {"k": "AAAA"}, FORMAT),
        ("ec-with-p", good | {"p": "AAAA"}, FORMAT),
        ("oct-with-d", oct_jwk(secret(32)) | {"d": "AAAA"}, FORMAT),
    ]:
        add(f"jwk-{name}", {"jwk": value}, code, rfc)
    add("jwk-kid-empty", {"jwk": good | {"kid": ""}}, {"key": {"kid": ""}}, rfc)
    add("jwk-kid-unicode", {"jwk": good | {"kid": "\U0001f511"}}, {"key": {"kid": "\U0001f511"}}, rfc)
    add(
        "jwk-use-enc",
        {"jwk": good | {"use": "enc"}},
        {"key": {"is_private": False}},
        "authwright: it loads, and is refused where it would sign or verify",
    )
    text = json.dumps(good)
    for name, value in [
        ("empty", ""),
        ("array", f"[{text}]"),
        ("string", '"EC"'),
        ("garbage-behind", text + "x"),
        ("duplicate", text[:-1] + ',"kty":"EC"}'),
        ("duplicate-x", text[:-1] + ',"x":"AAAA"}'),
        ("duplicate-unknown", text[:-1] + ',"a":{"b":1,"b":2}}'),
        ("lone-surrogate", text[:-1] + ',"kid":"\\ud800"}'),
        ("control", text[:-1] + ',"kid":"\t"}'),
        ("pem", public_pem("p256-a")),
        ("trailing-comma", text[:-1] + ",}"),
        ("base64", b64(text)),
        ("null", "null"),
        ("comment", "// key\n" + text),
    ]:
        add(f"jwk-text-{name}", {"jwk": value}, FORMAT, "authwright: a JWK is one strict JSON object")
    add("jwk-text-spaces", {"jwk": "\n " + json.dumps(good, indent=4) + "\n"}, described("p256-a", False))
    add(
        "jwk-text-escapes",
        {"jwk": text.replace("kty", "\\u006bty").replace('"EC"', '"\\u0045C"')},
        described("p256-a", False),
    )
