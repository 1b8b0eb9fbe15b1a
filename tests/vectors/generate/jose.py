"""Makes JOSE objects, good and bad ones. Shares no code with authwright: `cryptography`, hashlib and integers only.

Everything is deterministic. ECDSA is RFC 6979; PSS is written out here, because its salt is random elsewhere, and bad
PSS and PKCS#1 encodings are needed too.
"""

import base64
import functools
import hashlib
import hmac
import json
import pathlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

MATERIAL = json.loads(pathlib.Path(__file__).with_name("keys.json").read_text())
CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp256k1": "secp256k1"}
CURVE_OF = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "ES256K": "secp256k1"}
ORDERS = {
    "P-256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "P-384": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    "P-521": (1 << 521) - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
    "secp256k1": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
}
# DigestInfo prefixes of RFC 8017 section 9.2.
DIGEST_INFO = {
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}


def b64(data):
    """base64url without padding, as text."""
    data = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def uint(number, length=None):
    """An unsigned big-endian integer in base64url (RFC 7518 section 2), in `length` bytes."""
    return b64(number.to_bytes(length or max(1, (number.bit_length() + 7) // 8), "big"))


def compact_json(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


# Keys


@functools.cache
def private(name):
    """The private key `name` of keys.json."""
    return serialization.load_pem_private_key(
        MATERIAL["private"][name].encode(), None, unsafe_skip_rsa_key_validation=True
    )


def public_pem(name):
    return (
        private(name)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def public_der(name):
    return (
        private(name)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def secret(length, label="authwright"):
    """`length` bytes that are the same for ever."""
    return hashlib.shake_256(b"test secret of " + label.encode()).digest(length)


def jwk(name, private_part=False, **more):
    """The key `name` as a JWK; `more` members follow."""
    return jwk_of(private(name), private_part, **more)


def jwk_of(key, private_part=False, **more):
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.private_numbers()
        members = {"kty": "RSA", "n": uint(numbers.public_numbers.n), "e": uint(numbers.public_numbers.e)}
        if private_part:
            members |= {
                "d": uint(numbers.d),
                "p": uint(numbers.p),
                "q": uint(numbers.q),
                "dp": uint(numbers.dmp1),
                "dq": uint(numbers.dmq1),
                "qi": uint(numbers.iqmp),
            }
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        size = (key.curve.key_size + 7) // 8
        point = key.public_key().public_numbers()
        members = {
            "kty": "EC",
            "crv": CURVES.get(key.curve.name, key.curve.name),
            "x": uint(point.x, size),
            "y": uint(point.y, size),
        }
        if private_part:
            members["d"] = uint(key.private_numbers().private_value, size)
    else:
        raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
        names = {
            "Ed25519PrivateKey": "Ed25519",
            "Ed448PrivateKey": "Ed448",
            "X25519PrivateKey": "X25519",
            "X448PrivateKey": "X448",
        }
        curve = next(
            crv for cls, crv in names.items() if cls in type(key).__name__ or crv.lower() in str(type(key)).lower()
        )
        members = {"kty": "OKP", "crv": curve, "x": b64(key.public_key().public_bytes(*raw))}
        if private_part:
            members["d"] = b64(
                key.private_bytes(
                    serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
                )
            )
    return members | more


def oct_jwk(data, **more):
    return {"kty": "oct", "k": b64(data)} | more


def thumbprint(members):
    """RFC 7638."""
    needed = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"), "oct": ("k", "kty")}
    canonical = {name: members[name] for name in needed[members["kty"]]}
    return b64(hashlib.sha256(json.dumps(canonical, separators=(",", ":"), sort_keys=True).encode()).digest())


# Signatures


def hash_name(algorithm):
    return "sha256" if algorithm == "ES256K" else "sha" + algorithm[2:]


def hash_object(algorithm):
    return {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}[hash_name(algorithm)]()


def rsa_raw(key, encoded):
    """The RSA private operation on an encoded message."""
    numbers = key.private_numbers()
    size = (key.key_size + 7) // 8
    return pow(int.from_bytes(encoded, "big"), numbers.d, numbers.public_numbers.n).to_bytes(size, "big")


def pkcs1_encode(digest, hash_id, size):
    """EMSA-PKCS1-v1_5 (RFC 8017 section 9.2)."""
    info = DIGEST_INFO[hash_id] + digest
    return b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info


def mgf1(seed, length, hash_id):
    blocks = (hashlib.new(hash_id, seed + counter.to_bytes(4, "big")).digest() for counter in range(length // 20 + 1))
    return b"".join(blocks)[:length]


def pss_encode(message, hash_id, bits, salt_length=None, mgf_hash=None, trailer=b"\xbc"):
    """EMSA-PSS (RFC 8017 section 9.1.1) with a salt that depends on the message only."""
    digest = hashlib.new(hash_id, message).digest()
    salt = hashlib.shake_256(b"salt" + message).digest(len(digest) if salt_length is None else salt_length)
    length = (bits + 7) // 8
    hashed = hashlib.new(hash_id, bytes(8) + digest + salt).digest()
    block = bytes(length - len(salt) - len(hashed) - 2) + b"\x01" + salt
    masked = bytearray(a ^ b for a, b in zip(block, mgf1(hashed, len(block), mgf_hash or hash_id), strict=True))
    masked[0] &= 0xFF >> (8 * length - bits)
    return bytes(masked) + hashed + trailer


def ecdsa_numbers(key, algorithm, message):
    signature = key.sign(message, ec.ECDSA(hash_object(algorithm), deterministic_signing=True))
    return utils.decode_dss_signature(signature)


def ecdsa_raw(r, s, size):
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def signature(algorithm, key, message):
    """The signature over `message`; `key` is a private key, its name in keys.json, or the bytes of a secret."""
    key = private(key) if isinstance(key, str) else key
    if algorithm[:2] == "HS":
        return hmac.new(key, message, hash_name(algorithm)).digest()
    if algorithm[:2] == "RS":
        digest = hashlib.new(hash_name(algorithm), message).digest()
        return rsa_raw(key, pkcs1_encode(digest, hash_name(algorithm), (key.key_size + 7) // 8))
    if algorithm[:2] == "PS":
        return rsa_raw(key, pss_encode(message, hash_name(algorithm), key.key_size - 1))
    if algorithm[:2] == "ES":
        size = (key.curve.key_size + 7) // 8
        return ecdsa_raw(*ecdsa_numbers(key, algorithm, message), size)
    return key.sign(message)


def verifies(members, text, payload=None):
    """Whether the token's signature is good under a JWK, by `cryptography` alone. `payload` is a detached one."""
    header, segment, mac = text.split(".")
    parameters, signed = json.loads(unb64(header)), f"{header}.{segment}".encode()
    if payload is not None:
        signed = header.encode() + b"." + (payload if parameters.get("b64") is False else b64(payload).encode())
    algorithm, mac = parameters["alg"], unb64(mac)
    if algorithm[:2] == "HS":
        return hmac.compare_digest(signature(algorithm, unb64(members["k"]), signed), mac)
    number = {
        name: int.from_bytes(unb64(value), "big") for name, value in members.items() if name in ("n", "e", "x", "y")
    }
    try:
        if algorithm[:2] in ("RS", "PS"):
            chosen = hash_object(algorithm)
            scheme = (
                padding.PKCS1v15() if algorithm[0] == "R" else padding.PSS(padding.MGF1(chosen), chosen.digest_size)
            )
            rsa.RSAPublicNumbers(number["e"], number["n"]).public_key().verify(mac, signed, scheme, chosen)
        elif algorithm[:2] == "ES":
            curve = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}[members["crv"]]()
            halves = (int.from_bytes(half, "big") for half in (mac[: len(mac) // 2], mac[len(mac) // 2 :]))
            point = ec.EllipticCurvePublicNumbers(number["x"], number["y"], curve).public_key()
            point.verify(utils.encode_dss_signature(*halves), signed, ec.ECDSA(hash_object(algorithm)))
        else:
            ed25519.Ed25519PublicKey.from_public_bytes(unb64(members["x"])).verify(mac, signed)
    except InvalidSignature:
        return False
    return True


def token(algorithm, key, claims, header=None, *, alg_header=None, payload_segment=None, header_segment=None):
    """A compact JWS. `claims` and `header` are objects, or text or bytes that go in as they are."""
    if header_segment is None:
        if header is None or isinstance(header, dict):
            header = compact_json({"alg": alg_header or algorithm} | (header or {}))
        header_segment = b64(header)
    if payload_segment is None:
        payload_segment = b64(claims if isinstance(claims, (bytes, str)) else compact_json(claims))
    signed = f"{header_segment}.{payload_segment}".encode()
    return f"{signed.decode()}.{b64(signature(algorithm, key, signed))}"


def with_signature(text, replacement):
    """The token with another signature segment; bytes are encoded."""
    replacement = replacement if isinstance(replacement, str) else b64(replacement)
    return text.rsplit(".", 1)[0] + "." + replacement


def flip(text, segment, position=None):
    """The token with one bit of one segment's bytes flipped."""
    parts = text.split(".")
    data = bytearray(unb64(parts[segment]))
    data[len(data) // 2 if position is None else position] ^= 1
    parts[segment] = b64(bytes(data))
    return ".".join(parts)
