"""The tokens that the demonstration expects to be refused, each with the code that refuses it.

Every token is wrong in one way only. They are put together by hand, with the standard library's HMAC where a secret
suffices: the library itself would not make most of them.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Forgery:
    """A token that must be refused: what is wrong with it, the key it is shown to, and the code."""

    title: str
    key: str
    token: str
    code: str


def forgeries(aw, keys, now):
    """`keys` holds private keys of ours as JWKs: a secret of 64 bytes, an RSA key and one on P-256."""
    secret = decode(keys["HS512"]["k"])
    claims = {
        "iss": "https://id.example",
        "aud": "api",
        "sub": "alice",
        "lang": "forger",
        "iat": now,
        "exp": now + 900,
    }

    def hs(payload, header=None, encoded=encode):
        text = payload if isinstance(payload, str) else compact(payload)
        return signed_with(secret, {"alg": "HS256", "typ": "JWT", **(header or {})}, encoded(text.encode()))

    def es(key, headers=None):
        made = aw.Key.from_jwk({name: value for name, value in key.items() if name not in ("alg", "kid")})
        return aw.jws.sign(compact(claims).encode(), made, headers={"typ": "JWT", **(headers or {})})

    def without(name):
        return {claim: value for claim, value in claims.items() if claim != name}

    good = hs(claims)
    header, payload, signature = good.split(".")
    es_good = es(keys["ES256"])
    stranger = aw.Key.generate("ES256")
    stranger_private, stranger_public = as_dict(stranger.to_jwk(private=True)), as_dict(stranger.to_jwk())
    rs_public = aw.Key.from_jwk(keys["RS256"]).public_key().to_pem()
    rs_public = rs_public if isinstance(rs_public, bytes) else rs_public.encode()

    def bare(token):
        return token.rpartition(".")[0]

    day = 86400
    yield from (
        Forgery("payload altered", "HS512", altered(good, sub="mallory"), "ERR_SIGNATURE_INVALID"),
        Forgery("signature left out", "HS512", f"{header}.{payload}.", "ERR_SIGNATURE_INVALID"),
        Forgery("signed with a stranger's key", "ES256", es(stranger_private), "ERR_SIGNATURE_INVALID"),
        Forgery(
            "brings its own key (jwk)", "ES256", es(stranger_private, {"jwk": stranger_public}), "ERR_SIGNATURE_INVALID"
        ),
        Forgery("signature of zeros", "ES256", f"{bare(es_good)}.{encode(bytes(64))}", "ERR_SIGNATURE_INVALID"),
        Forgery("signature in DER", "ES256", der_signature(es_good), "ERR_SIGNATURE_INVALID"),
        Forgery("alg none", "HS512", unsigned("none", claims), "ERR_ALGORITHM_NOT_ALLOWED"),
        Forgery("alg nOnE", "HS512", unsigned("nOnE", claims), "ERR_ALGORITHM_NOT_ALLOWED"),
        Forgery(
            "public key used as a secret",
            "RS256",
            signed_with(rs_public, {"alg": "HS256", "typ": "JWT"}, payload),
            "ERR_ALGORITHM_NOT_ALLOWED",
        ),
        Forgery(
            "expired an hour ago", "HS512", hs({**claims, "iat": now - 7200, "exp": now - 3600}), "ERR_TOKEN_EXPIRED"
        ),
        Forgery("valid from tomorrow", "HS512", hs({**claims, "nbf": now + day}), "ERR_TOKEN_NOT_YET_VALID"),
        Forgery(
            "issued tomorrow",
            "HS512",
            hs({**claims, "iat": now + day, "exp": now + 2 * day}),
            "ERR_TOKEN_ISSUED_IN_FUTURE",
        ),
        Forgery("never expires", "HS512", hs(without("exp")), "ERR_CLAIM_MISSING"),
        Forgery("expiry as a string", "HS512", hs({**claims, "exp": str(now + 900)}), "ERR_CLAIM_TYPE"),
        Forgery("for another audience", "HS512", hs({**claims, "aud": "billing"}), "ERR_AUDIENCE_MISMATCH"),
        Forgery("for nobody", "HS512", hs(without("aud")), "ERR_CLAIM_MISSING"),
        Forgery(
            "from another issuer", "HS512", hs({**claims, "iss": "https://id.example.evil"}), "ERR_ISSUER_MISMATCH"
        ),
        Forgery("unknown critical header", "HS512", hs(claims, {"crit": ["exp"], "exp": now}), "ERR_TOKEN_CRITICAL"),
        Forgery("a claim given twice", "HS512", hs(compact(claims)[:-1] + ',"aud":"api"}'), "ERR_TOKEN_JSON"),
        Forgery("NaN among the claims", "HS512", hs(compact(claims)[:-1] + ',"n":NaN}'), "ERR_TOKEN_JSON"),
        Forgery("claims that are a list", "HS512", hs([claims]), "ERR_TOKEN_JSON"),
        Forgery(
            "padded with =",
            "HS512",
            hs({**claims, "x": padding_filler(claims)}, encoded=encode_padded),
            "ERR_TOKEN_ENCODING",
        ),
        Forgery("a fourth segment", "HS512", f"{good}.{signature}", "ERR_TOKEN_MALFORMED"),
    )


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def as_dict(jwk):
    return jwk if isinstance(jwk, dict) else json.loads(jwk)


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def encode_padded(data):
    padded = base64.urlsafe_b64encode(data).decode()
    assert padded.endswith("="), "this payload needs no padding"
    return padded


def padding_filler(claims):
    """A value for `x` that makes the claims' length need padding."""
    length = len(compact({**claims, "x": ""}))
    return "x" * (1 if length % 3 == 0 else 0)


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed_with(secret, header, payload):
    """An HS256 token over a payload segment as it stands."""
    signing_input = f"{encode(compact(header).encode())}.{payload}"
    return f"{signing_input}.{encode(hmac.digest(secret, signing_input.encode(), hashlib.sha256))}"


def unsigned(algorithm, claims):
    return f"{encode(compact({'alg': algorithm, 'typ': 'JWT'}).encode())}.{encode(compact(claims).encode())}."


def altered(token, **changes):
    header, payload, signature = token.split(".")
    claims = {**json.loads(decode(payload)), **changes}
    return f"{header}.{encode(compact(claims).encode())}.{signature}"


def der_signature(token):
    """The token with its two ECDSA numbers wrapped in DER, as KMS services and OpenSSL give them."""
    signing_input, _, signature = token.rpartition(".")
    raw = decode(signature)
    numbers = b""
    for half in (raw[:32], raw[32:]):
        number = half.lstrip(b"\0") or b"\0"
        number = b"\0" + number if number[0] & 0x80 else number
        numbers += bytes([2, len(number)]) + number
    return f"{signing_input}.{encode(bytes([0x30, len(numbers)]) + numbers)}"
