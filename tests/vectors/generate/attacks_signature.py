"""Signatures at the edges of what the primitives accept: attacks-signature.json."""

import hashlib

from algorithms import requires
from corpus import POLICY, Area, claims
from cryptography.hazmat.primitives.asymmetric import utils
from jose import (
    CURVE_OF,
    DIGEST_INFO,
    ORDERS,
    b64,
    ecdsa_numbers,
    ecdsa_raw,
    jwk,
    oct_jwk,
    pkcs1_encode,
    private,
    pss_encode,
    rsa_raw,
    secret,
    signature,
    token,
    unb64,
    with_signature,
)

INVALID = "ERR_SIGNATURE_INVALID"
ECDSA = {"ES256": "p256-a", "ES384": "p384", "ES512": "p521", "ES256K": "k256"}
# The order of Ed25519's group (RFC 8032 section 5.1).
L = 2**252 + 27742317777372353535851937790883648493


def areas():
    area = Area(
        "attacks-signature",
        "ECDSA, Ed25519, RSA and HMAC signatures at and beyond the edges.",
        "authwright, after the classes of Wycheproof",
        {
            "rsa": {"jwk": jwk("rsa-a")},
            "rsa-e3": {"jwk": jwk("rsa-e3")},
            "ed25519": {"jwk": jwk("ed25519-a")},
            "secret": {"jwk": oct_jwk(secret(32))},
            **{name: {"jwk": jwk(name)} for name in ECDSA.values()},
        },
    )
    for algorithm, key in ECDSA.items():
        ecdsa(area, algorithm, key)
    ecdsa_curves(area)
    ed25519(area)
    pkcs1(area)
    pss(area)
    mac(area)
    return [area]


def signing_input(text):
    return text.rsplit(".", 1)[0].encode()


def ecdsa(area, algorithm, key):
    good = token(algorithm, key, claims())
    n = ORDERS[CURVE_OF[algorithm]]
    size = (private(key).curve.key_size + 7) // 8
    r, s = ecdsa_numbers(private(key), algorithm, signing_input(good))
    name = algorithm.lower()
    raw = unb64(good.split(".")[2])
    der = utils.encode_dss_signature(r, s)

    def add(label, data, expect=INVALID, source="Wycheproof: ECDSA in IEEE P1363 form"):
        area.add(
            f"{label.split(':')[0]}-{name}{label.partition(':')[2] and '-' + label.partition(':')[2]}",
            source=source,
            requires=requires(algorithm),
            keys=key,
            policy=POLICY,
            input=with_signature(good, data),
            expect=expect,
        )

    psychic = "psychic signatures (CVE-2022-21449)"
    for label, numbers in [
        ("zero-zero", (0, 0)),
        ("zero-r", (0, s)),
        ("zero-s", (r, 0)),
        ("order-r", (n, s)),
        ("order-s", (r, n)),
        ("order-order", (n, n)),
        ("zero-one", (0, 1)),
        ("one-zero", (1, 0)),
        ("one-one", (1, 1)),
        ("minus-one", (n - 1, n - 1)),
        ("order-one", (n, 1)),
        ("one-order", (1, n)),
    ]:
        add(f"psychic-signature:{label}", ecdsa_raw(*numbers, size), source=psychic)
    add("ecdsa:swapped", ecdsa_raw(s, r, size))
    add(
        "ecdsa:high-s",
        ecdsa_raw(r, n - s, size),
        expect={"claims": claims()},
        source="RFC 7515 knows no low-S rule: (r, n - s) is a signature too",
    )
    add("ecdsa:der", der, source="DER instead of the raw form (RFC 7518 section 3.4)")
    add(
        "ecdsa:der-padded",
        der + bytes(max(0, 2 * size - len(der))) if len(der) < 2 * size else der[: 2 * size],
        source="DER of the raw form's length",
    )
    add("ecdsa:leading-zeros", ecdsa_raw(r, s, size + 1), source="over-long r and s")
    add("ecdsa:one-byte-missing", raw[1:])
    add("ecdsa:r-only", raw[:size])
    add("ecdsa:empty", b"")
    add("ecdsa:twice", raw + raw)
    add("ecdsa:all-ones", b"\xff" * (2 * size))
    add("ecdsa:huge", b"\x01" * 4096, source="ECDSA conversion overflow: a signature far longer than any")
    if r + n < 1 << (8 * size):
        add("ecdsa:r-plus-order", ecdsa_raw(r + n, s, size), source="r and s are below the order")
    if s + n < 1 << (8 * size):
        add("ecdsa:s-plus-order", ecdsa_raw(r, s + n, size), source="r and s are below the order")
    add("ecdsa:r-plus-one", ecdsa_raw(r + 1, s, size))
    add("ecdsa:s-minus-one", ecdsa_raw(r, s - 1, size))


def ecdsa_curves(area):
    """A signature that is good, on another curve or with another hash than the algorithm has."""
    source = "secp256k1 or P-384 keys accepted for ES256"
    for alg, key, used in [
        ("ES256", "p384", "ES384"),
        ("ES384", "p256-a", "ES256"),
        ("ES256", "k256", "ES256K"),
        ("ES256K", "p256-a", "ES256"),
        ("ES512", "p384", "ES384"),
        ("ES384", "p521", "ES512"),
    ]:
        area.add(
            f"ecdsa-curve-{key.removesuffix('-a')}-as-{alg.lower()}",
            source=source,
            requires=requires(used),
            keys=key,
            policy=POLICY,
            input=token(used, key, claims(), alg_header=alg),
            expect="ERR_ALGORITHM_NOT_ALLOWED alg",
        )
    area.add(
        "ecdsa-hash-es256-with-sha384",
        source="the algorithm fixes the hash",
        keys="p256-a",
        policy=POLICY,
        input=token("ES384", "p256-a", claims(), alg_header="ES256"),
        expect=INVALID,
    )
    area.add(
        "ecdsa-es256-66-bytes",
        source="a 66-byte ES256 signature, which two libraries accept",
        keys="p256-a",
        policy=POLICY,
        input=with_signature(
            token("ES256", "p256-a", claims()), unb64(token("ES256", "p256-a", claims()).split(".")[2]) + b"\0\0"
        ),
        expect=INVALID,
    )


def ed25519(area):
    good = token("EdDSA", "ed25519-a", claims())
    raw = unb64(good.split(".")[2])
    r, s = raw[:32], int.from_bytes(raw[32:], "little")
    identity = b"\x01" + bytes(31)

    def add(label, data, source="Wycheproof: Ed25519"):
        area.add(
            f"ed25519-{label}",
            source=source,
            keys="ed25519",
            policy=POLICY,
            input=with_signature(good, data),
            expect=INVALID,
        )

    add(
        "s-plus-order",
        r + (s + L).to_bytes(32, "little"),
        "RFC 8032 section 5.1.7: S is below the order (malleability)",
    )
    add("s-is-order", r + L.to_bytes(32, "little"), "RFC 8032 section 5.1.7: S is below the order")
    add("s-all-ones", r + b"\xff" * 32)
    add("s-top-bit", raw[:63] + bytes([raw[63] | 0x80]))
    add("s-zero", r + bytes(32))
    add("s-negated", r + (L - s).to_bytes(32, "little"))
    add("zeros", bytes(64))
    add("identity-zero", identity + bytes(32), "a signature of the point of order 1 and S = 0")
    add("r-not-canonical", b"\xee" + b"\xff" * 30 + b"\x7f" + raw[32:], "y = p + 1, which is not canonical")
    add("r-sign-flipped", raw[:31] + bytes([raw[31] ^ 0x80]) + raw[32:])
    add("halves-swapped", raw[32:] + raw[:32])
    add("short", raw[:63])
    add("long", raw + b"\0")
    add("one-half", raw[:32])
    add("empty", b"")
    area.add(
        "ed25519-other-message",
        source="Wycheproof: Ed25519",
        keys="ed25519",
        policy=POLICY,
        input=with_signature(token("EdDSA", "ed25519-a", claims(sub="mallory")), raw),
        expect=INVALID,
    )
    area.add(
        "ed25519-ed448-signature",
        source="RFC 8032: an Ed448 signature under EdDSA",
        keys="ed25519",
        policy=POLICY,
        input=token("EdDSA", "ed448", claims()),
        expect=INVALID,
    )
    area.add(
        "ed25519-prehashed",
        source="RFC 8037: Ed25519, not Ed25519ph",
        keys="ed25519",
        policy=POLICY,
        input=with_signature(good, signature("EdDSA", "ed25519-a", hashlib.sha512(signing_input(good)).digest())),
        expect=INVALID,
    )
    small = "a public key of small order: anyone can sign for it"
    for label, x in [
        ("zero", bytes(32)),
        ("one", identity),
        ("minus-one", b"\xec" + b"\xff" * 30 + b"\x7f"),
        ("prime", b"\xed" + b"\xff" * 30 + b"\x7f"),
        ("prime-and-one", b"\xee" + b"\xff" * 30 + b"\x7f"),
        ("one-with-sign", identity[:31] + b"\x80"),
        ("order-eight", bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
        ("order-eight-other", bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")),
    ]:
        area.add(
            f"ed25519-small-order-{label}",
            source=small,
            keys={"jwk": {"kty": "OKP", "crv": "Ed25519", "x": b64(x)}},
            policy=POLICY,
            input=with_signature(good, identity + bytes(32)),
            expect="ERR_KEY_TOO_WEAK",
        )


def pkcs1(area):
    key = private("rsa-a")
    good = token("RS256", "rsa-a", claims())
    message = signing_input(good)
    digest = hashlib.sha256(message).digest()
    info = DIGEST_INFO["sha256"] + digest
    size = 256

    def add(label, encoded, source="RFC 8017 section 8.2.2: the encoding is compared as a whole"):
        area.add(
            f"rsa-pkcs1-{label}",
            source=source,
            keys="rsa",
            policy=POLICY,
            input=with_signature(good, rsa_raw(key, encoded)),
            expect=INVALID,
        )

    def padded(block, start=b"\x00\x01", fill=b"\xff"):
        return start + fill * (size - len(block) - len(start) - 1) + b"\x00" + block

    sha1 = hashlib.sha1(message).digest()
    add("block-type-0", padded(info, b"\x00\x00", b"\x00"))
    add("block-type-2", padded(info, b"\x00\x02", b"\x7f"))
    add("first-byte-1", padded(info, b"\x01\x01"))
    add("padding-zeros", padded(info, fill=b"\x00"))
    add("padding-fe", padded(info, fill=b"\xfe"))
    add("no-separator", b"\x00\x01" + b"\xff" * (size - len(info) - 2) + info)
    add("no-digest-info", padded(digest), "the hash without its DigestInfo")
    add(
        "no-null",
        padded(bytes.fromhex("302f300b0609608648016503040201") + b"\x04\x20" + digest),
        "DigestInfo without the NULL parameters, which RFC 8017 lets a verifier accept and strict ones do not",
    )
    add("sha1-digest-info", padded(DIGEST_INFO["sha1"] + sha1), "SHA-1 under RS256")
    add("sha512-digest-info", padded(DIGEST_INFO["sha512"] + hashlib.sha512(message).digest()), "SHA-512 under RS256")
    add("wrong-oid", padded(DIGEST_INFO["sha384"][:-1] + b"\x20" + digest), "the OID of another hash")
    add(
        "ber-length",
        padded(bytes.fromhex("308131300d060960864801650304020105000420") + digest),
        "a long-form length (BERserk)",
    )
    add(
        "trailing-garbage",
        b"\x00\x01" + b"\xff" * 8 + b"\x00" + info + b"\xaa" * (size - len(info) - 11),
        "Bleichenbacher 2006 (CVE-2006-4339): a short padding and garbage behind the hash",
    )
    add(
        "garbage-in-parameters",
        padded(b"\x30\x36\x30\x12" + DIGEST_INFO["sha256"][4:15] + b"\x05\x05" + b"\xbb" * 5 + b"\x04\x20" + digest),
        "garbage in the parameters (CVE-2014-1568)",
    )
    add("pss-encoding", pss_encode(message, "sha256", 2047), "PSS under RS256")
    n = key.public_key().public_numbers().n
    for label, number in [("zero", 0), ("one", 1), ("modulus", n), ("modulus-minus-one", n - 1)]:
        area.add(
            f"rsa-signature-is-{label}",
            source="RFC 8017 section 5.2.2: below the modulus",
            keys="rsa",
            policy=POLICY,
            input=with_signature(good, number.to_bytes(size, "big")),
            expect=INVALID,
        )
    raw = unb64(good.split(".")[2])
    # A signature with a leading zero byte, found by counting.
    for counter in range(10_000):
        zero = token("RS256", "rsa-a", claims(jti=str(counter)))
        if unb64(zero.split(".")[2])[0] == 0:
            break
    area.add(
        "rsa-leading-zero-kept",
        source="RFC 8017 section 8.2.1: a signature has the modulus's length",
        keys="rsa",
        policy=POLICY,
        input=zero,
        expect={"claims": claims(jti=str(counter))},
    )
    area.add(
        "rsa-leading-zero-dropped",
        source="RFC 8017 section 8.2.2 step 1: another length is invalid",
        keys="rsa",
        policy=POLICY,
        input=with_signature(zero, unb64(zero.split(".")[2])[1:]),
        expect=INVALID,
    )
    for label, data in [
        ("long-zeros", raw + bytes(1)),
        ("leading-zero-added", bytes(1) + raw),
        ("half", raw[:128]),
        ("empty", b""),
        ("huge", raw * 40),
        ("one-byte", b"\x01"),
        ("other-modulus-size", raw + raw[:128]),
    ]:
        area.add(
            f"rsa-length-{label}",
            source="RFC 8017 section 8.2.2 step 1",
            keys="rsa",
            policy=POLICY,
            input=with_signature(good, data),
            expect=INVALID,
        )
    # Exponent 3: a cube root in the integers forges for whoever reads the padding loosely.
    text = token("RS256", "rsa-e3", claims())
    area.add(
        "rsa-e3-good",
        source="an exponent of 3 is legal",
        keys="rsa-e3",
        policy=POLICY,
        input=text,
        expect={"claims": claims()},
    )
    info = DIGEST_INFO["sha256"] + hashlib.sha256(signing_input(text)).digest()
    prefix = b"\x00\x01" + b"\xff" * 8 + b"\x00" + info
    target = int.from_bytes(prefix + b"\xff" * (256 - len(prefix)), "big")
    root = cube_root(target)
    assert (root**3).to_bytes(256, "big").startswith(prefix)
    area.add(
        "rsa-e3-cube-root",
        source="Bleichenbacher 2006 (CVE-2006-4339): forged without the key",
        keys="rsa-e3",
        policy=POLICY,
        input=with_signature(text, root.to_bytes(256, "big")),
        expect=INVALID,
    )


def cube_root(number):
    """The largest integer whose cube is at most `number`."""
    low, high = 0, 1 << (number.bit_length() // 3 + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= number else (low, middle - 1)
    return low


def pss(area):
    key = private("rsa-a")
    for algorithm, hash_id, length in (("PS256", "sha256", 32), ("PS384", "sha384", 48), ("PS512", "sha512", 64)):
        good = token(algorithm, "rsa-a", claims())
        message = signing_input(good)
        variants = {
            "salt-empty": {"salt_length": 0},
            "salt-20": {"salt_length": 20},
            "salt-short": {"salt_length": length - 1},
            "salt-long": {"salt_length": length + 1},
            "salt-longest": {"salt_length": 256 - 2 - length},
            "mgf-sha1": {"mgf_hash": "sha1"},
            "mgf-other": {"mgf_hash": "sha512" if hash_id != "sha512" else "sha256"},
            "trailer": {"trailer": b"\xcc"},
        }
        for label, changes in variants.items():
            area.add(
                f"rsa-pss-{algorithm.lower()}-{label}",
                source="RFC 7518 section 3.5: MGF1 with the same hash, a salt of its length",
                keys="rsa",
                policy=POLICY,
                expect=INVALID,
                input=with_signature(good, rsa_raw(key, pss_encode(message, hash_id, 2047, **changes))),
            )
        encoded = pss_encode(message, hash_id, 2047)
        others = {
            "pkcs1-encoding": pkcs1_encode(hashlib.new(hash_id, message).digest(), hash_id, 256),
            "last-byte": encoded[:-1] + b"\xbd",
            "h-altered": encoded[:-2] + bytes([encoded[-2] ^ 1]) + encoded[-1:],
        }
        for label, block in others.items():
            area.add(
                f"rsa-pss-{algorithm.lower()}-{label}",
                source="RFC 8017 section 9.1.2",
                keys="rsa",
                policy=POLICY,
                input=with_signature(good, rsa_raw(key, block)),
                expect=INVALID,
            )


def mac(area):
    good = token("HS256", secret(32), claims())
    raw = unb64(good.split(".")[2])
    for label, data in [
        ("truncated-16", raw[:16]),
        ("truncated-31", raw[:31]),
        ("first-byte", raw[:1]),
        ("empty", b""),
        ("twice", raw + raw),
        ("zero-added", raw + b"\0"),
        ("zeros", bytes(32)),
        ("ones", b"\xff" * 32),
        ("reversed", raw[::-1]),
        ("sha512", signature("HS512", secret(32), signing_input(good))),
        ("sha512-truncated", signature("HS512", secret(32), signing_input(good))[:32]),
        ("hash-without-key", hashlib.sha256(signing_input(good)).digest()),
        ("secret-prefix-hash", hashlib.sha256(secret(32) + signing_input(good)).digest()),
        ("hex", raw.hex().encode()),
        ("base64-twice", b64(raw).encode()),
    ]:
        area.add(
            f"hmac-{label}",
            source="RFC 7518 section 3.2: the whole tag, and nothing else (CVE-2016-7036 for its comparison)",
            keys="secret",
            policy=POLICY,
            input=with_signature(good, data),
            expect=INVALID,
        )
    for label, key in [
        ("nul-appended", secret(32) + b"\0"),
        ("first-half", secret(32)[:16]),
        ("base64", b64(secret(32)).encode()),
    ]:
        area.add(
            f"hmac-key-{label}",
            source="a secret read in another way",
            keys="secret",
            policy=POLICY,
            input=token("HS256", key, claims()),
            # HMAC fills a key with zeros up to the block, so that a NUL more makes the same key (RFC 2104 section 2).
            expect={"claims": claims()} if label == "nul-appended" else INVALID,
        )
    block = secret(100)
    area.add(
        "hmac-key-longer-than-block",
        source="RFC 2104 section 3: hashed first",
        keys={"jwk": oct_jwk(block)},
        policy=POLICY,
        input=token("HS256", block, claims()),
        expect={"claims": claims()},
    )
    area.add(
        "hmac-key-block-exact",
        source="RFC 2104: 64 bytes are used as they are",
        keys={"jwk": oct_jwk(secret(64))},
        policy=POLICY,
        input=token("HS256", secret(64), claims()),
        expect={"claims": claims()},
    )
    area.add(
        "hmac-key-of-zeros",
        source="a key of zeros is weak in the eyes of nobody but its length is right",
        keys={"jwk": oct_jwk(bytes(32))},
        policy=POLICY,
        input=token("HS256", bytes(32), claims()),
        expect={"claims": claims()},
    )
