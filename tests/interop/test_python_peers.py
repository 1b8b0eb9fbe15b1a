"""Tokens from and to PyJWT and joserfc, for every algorithm that they share with us.

tests/interop/setup.sh installs the peers. One that is missing skips its tests; under AW_REQUIRE_ALL=1 it fails them.
"""

import base64
import json
import os
import time
import warnings

import authwright as aw
import pytest

ISSUER, AUDIENCE = "https://id.example", "api"
FAMILIES = ("HS", "RS", "PS", "ES")
ALGORITHMS = [f"{family}{bits}" for family in FAMILIES for bits in (256, 384, 512)] + ["ES256K", "EdDSA", "Ed25519"]
SHARED = {
    "PyJWT": [algorithm for algorithm in ALGORITHMS if algorithm != "Ed25519"],
    "joserfc": ALGORITHMS,
}
BOTH = [(peer, algorithm) for peer, algorithms in SHARED.items() for algorithm in algorithms]


class PyJWT:
    """PyJWT, given keys as JWKs."""

    def __init__(self):
        import jwt

        self.jwt = jwt

    def sign(self, jwk, algorithm, claims):
        return self.jwt.encode(claims, self.jwt.PyJWK(jwk, algorithm).key, algorithm=algorithm)

    def verify(self, jwk, algorithm, token):
        key = self.jwt.PyJWK(jwk, algorithm).key
        return self.jwt.decode(token, key, algorithms=[algorithm], audience=AUDIENCE, issuer=ISSUER)

    def refusal(self, what):
        return {
            "tampered": self.jwt.InvalidSignatureError,
            "expired": self.jwt.ExpiredSignatureError,
            "audience": self.jwt.InvalidAudienceError,
            "issuer": self.jwt.InvalidIssuerError,
        }[what]


class Joserfc:
    """joserfc, given keys as JWKs."""

    def __init__(self):
        from joserfc import errors, jwk, jwt

        self.errors, self.jwk, self.jwt = errors, jwk, jwt
        self.registry = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
        )

    def sign(self, jwk, algorithm, claims):
        key = self.jwk.import_key(jwk)
        return self.jwt.encode({"alg": algorithm, "typ": "JWT"}, claims, key, algorithms=[algorithm])

    def verify(self, jwk, algorithm, token):
        claims = self.jwt.decode(token, self.jwk.import_key(jwk), algorithms=[algorithm]).claims
        self.registry.validate(claims)
        return claims

    def refusal(self, what):
        return {
            "tampered": self.errors.BadSignatureError,
            "expired": self.errors.ExpiredTokenError,
            "audience": self.errors.InvalidClaimError,
            "issuer": self.errors.InvalidClaimError,
        }[what]


@pytest.fixture(autouse=True)
def quiet():
    """joserfc warns of the name EdDSA, which RFC 9864 deprecates."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture(scope="module")
def peers():
    made = {}
    for name, make in (("PyJWT", PyJWT), ("joserfc", Joserfc)):
        try:
            made[name] = make()
        except ImportError as error:
            made[name] = error

    def peer(name):
        if not isinstance(made[name], ImportError):
            return made[name]
        message = f"{name} is not installed (tests/interop/setup.sh installs it): {made[name]}"
        if os.environ.get("AW_REQUIRE_ALL") == "1":
            pytest.fail(message)
        pytest.skip(message)

    return peer


@pytest.fixture(scope="module")
def keys():
    """A key of ours for each algorithm: itself, and its JWKs as dicts (private, public or the secret)."""
    made = {}

    def key(algorithm):
        if algorithm not in made:
            ours = aw.Key.generate(algorithm)
            private = as_dict(ours.to_jwk(private=True))
            secret = private["kty"] == "oct"
            public = private if secret else as_dict(ours.public_key().to_jwk())
            made[algorithm] = (ours, private, public)
        return made[algorithm]

    return key


def as_dict(jwk):
    return jwk if isinstance(jwk, dict) else json.loads(jwk)


def claims(**changes):
    now = int(time.time())
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "alice",
        "iat": now,
        "exp": now + 900,
        "näme": 'Zoë ✓ "q"',
        **changes,
    }


def tampered(token):
    header, payload, signature = token.split(".")
    text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).replace(b"alice", b"malice")
    return f"{header}.{base64.urlsafe_b64encode(text).rstrip(b'=').decode()}.{signature}"


def verifier(key, public):
    return aw.Verifier(key if public["kty"] == "oct" else key.public_key(), issuer=ISSUER, audience=AUDIENCE)


def refused(verify, token):
    with pytest.raises(aw.AuthwrightError) as caught:
        verify.verify(token)
    return caught.value.code


@pytest.mark.parametrize(("name", "algorithm"), BOTH)
def test_the_peer_accepts_our_token(peers, keys, name, algorithm):
    peer, (key, _, public) = peers(name), keys(algorithm)
    mine = claims()
    token = aw.Signer(key, algorithm=algorithm).sign(mine)
    assert peer.verify(public, algorithm, token) == mine


@pytest.mark.parametrize(("name", "algorithm"), BOTH)
def test_we_accept_the_peers_token(peers, keys, name, algorithm):
    peer, (key, private, public) = peers(name), keys(algorithm)
    theirs = claims()
    token = peer.sign(private, algorithm, theirs)
    assert verifier(key, public).verify(token).claims == theirs


@pytest.mark.parametrize(("name", "algorithm"), BOTH)
def test_the_peer_refuses_what_is_wrong_with_ours(peers, keys, name, algorithm):
    peer, (key, _, public) = peers(name), keys(algorithm)
    signer = aw.Signer(key, algorithm=algorithm)
    now = int(time.time())
    for what, token in {
        "tampered": tampered(signer.sign(claims())),
        "expired": signer.sign(claims(iat=now - 7200, exp=now - 3600)),
        "audience": signer.sign(claims(aud="billing")),
        "issuer": signer.sign(claims(iss="https://id.example.evil")),
    }.items():
        with pytest.raises(peer.refusal(what)):
            peer.verify(public, algorithm, token)


@pytest.mark.parametrize(("name", "algorithm"), BOTH)
def test_we_refuse_what_is_wrong_with_theirs(peers, keys, name, algorithm):
    peer, (key, private, public) = peers(name), keys(algorithm)
    ours = verifier(key, public)
    now = int(time.time())
    for code, token in {
        "ERR_SIGNATURE_INVALID": tampered(peer.sign(private, algorithm, claims())),
        "ERR_TOKEN_EXPIRED": peer.sign(private, algorithm, claims(iat=now - 7200, exp=now - 3600)),
        "ERR_AUDIENCE_MISMATCH": peer.sign(private, algorithm, claims(aud="billing")),
        "ERR_ISSUER_MISMATCH": peer.sign(private, algorithm, claims(iss="https://id.example.evil")),
    }.items():
        assert refused(ours, token) == code


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_joserfc_key_set_is_ours_too(peers, algorithm):
    """A key made by joserfc, published as its JWKS, verifies with us by `kid`."""
    peer = peers("joserfc")
    kind, parameter = {
        "H": ("oct", {"HS256": 256, "HS384": 384, "HS512": 512}.get(algorithm)),
        "R": ("RSA", 2048),
        "P": ("RSA", 2048),
        "E": ("EC", {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "ES256K": "secp256k1"}.get(algorithm)),
    }[algorithm[0]]
    if algorithm in ("EdDSA", "Ed25519"):
        kind, parameter = "OKP", "Ed25519"
    made = peer.jwk.generate_key(kind, parameter, {"kid": "theirs"}, private=True)
    secret = kind == "oct"
    published = {"keys": [{"kty": "future", "kid": "unknown"}, made.as_dict(private=secret)]}
    keys = aw.KeySet.from_json(json.dumps(published))
    header = {"alg": algorithm, "kid": "theirs"}
    token = peer.jwt.encode(header, claims(), made, algorithms=[algorithm])
    verified = aw.Verifier(keys, issuer=ISSUER, audience=AUDIENCE).verify(token)
    assert verified.header == header | {"typ": "JWT"}
    assert verified.claims["sub"] == "alice"


@pytest.mark.parametrize("algorithm", [name for name in SHARED["PyJWT"] if not name.startswith("HS")])
def test_pyjwt_reads_our_pem(peers, keys, algorithm):
    """PyJWT, given our keys as PEM, signs and verifies with them."""
    peer, (key, _, public) = peers("PyJWT"), keys(algorithm)
    token = peer.jwt.encode(claims(), key.to_pem(private=True), algorithm=algorithm)
    assert verifier(key, public).verify(token).claims["sub"] == "alice"
    token = aw.Signer(key, algorithm=algorithm).sign(claims())
    pem = key.public_key().to_pem()
    assert peer.jwt.decode(token, pem, algorithms=[algorithm], audience=AUDIENCE, issuer=ISSUER)["sub"] == "alice"
