"""Keys in every form that they come in, good and bad: keys.json."""

import base64
import json

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from corpus import Area
from jose import MATERIAL, b64, jwk, oct_jwk, private, public_der, public_pem, secret, thumbprint, uint, unb64

FORMAT, INCONSISTENT, WEAK = "ERR_KEY_FORMAT", "ERR_KEY_INCONSISTENT", "ERR_KEY_TOO_WEAK"
MISMATCH, UNSUPPORTED, PASSWORD = "ERR_KEY_MISMATCH", "ERR_UNSUPPORTED_ALGORITHM", "ERR_KEY_PASSWORD"
KEYS = ["rsa-a", "rsa-3072", "p256-a", "p384", "p521", "k256", "ed25519-a"]
NEEDS = {"p521": ["ES512"], "k256": ["ES256K"]}
ENCODING, FORM = serialization.Encoding, serialization.PrivateFormat
PLAIN = serialization.NoEncryption()


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


def described(name, is_private, **more):
    key = {
        "kid": None,
        "algorithm": None,
        "is_private": is_private,
        "thumbprint": thumbprint(jwk(name)),
        "jwk": jwk(name),
    } | more
    if is_private and "private_jwk" not in key:
        key["private_jwk"] = jwk(name, True)
    return {"key": key}


def der64(data):
    return base64.b64encode(data).decode()


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
