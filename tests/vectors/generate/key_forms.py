"""What the two modules that make keys.json share."""

import base64

from cryptography.hazmat.primitives import serialization
from jose import jwk, thumbprint

FORMAT, INCONSISTENT, WEAK = "ERR_KEY_FORMAT", "ERR_KEY_INCONSISTENT", "ERR_KEY_TOO_WEAK"
MISMATCH, UNSUPPORTED, PASSWORD = "ERR_KEY_MISMATCH", "ERR_UNSUPPORTED_ALGORITHM", "ERR_KEY_PASSWORD"
KEYS = ["rsa-a", "rsa-3072", "p256-a", "p384", "p521", "k256", "ed25519-a"]
NEEDS = {"p521": ["ES512"], "k256": ["ES256K"]}
ENCODING, FORM = serialization.Encoding, serialization.PrivateFormat
PLAIN = serialization.NoEncryption()


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
