"""The vectors of the RFCs, copied from their text (rfc.json)."""

import hashlib
import json
import pathlib

from corpus import Area
from jose import b64, unb64, verifies

RFC = json.loads(pathlib.Path(__file__).with_name("rfc.json").read_text())
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k"}


def public(members):
    return {name: value for name, value in members.items() if name not in PRIVATE}


def header_of(text):
    return json.loads(unb64(text.split(".")[0]))


def check_copies():
    """That what was copied out of the RFCs is whole: every signature is good for another implementation too."""
    for name in ("7515-A1", "7515-A2", "7515-A3", "7515-A4", "8037"):
        assert verifies(RFC[name]["key"], RFC[name]["token"]), name
    keys = RFC["7520"]["keys"]
    for entry, key in zip(RFC["7520"]["tokens"], ("RSA-private", "RSA-private", "EC-private", "oct-sig"), strict=True):
        assert verifies(keys[key], entry["token"]), entry["name"]
    encoded, unencoded, explicit, attached = RFC["7797"]["tokens"]
    for text, payload in ((encoded, None), (unencoded, b"$.02"), (explicit, None), (attached, b"hello")):
        assert verifies(RFC["7515-A1"]["key"], text, payload), text


def areas():
    check_copies()
    return [rfc7515(), rfc7517(), rfc7519(), rfc7520(), rfc7638(), rfc7797(), rfc8037()]


def rfc7515():
    area = Area(
        "rfc7515",
        "JSON Web Signature: the examples of appendix A.",
        "RFC 7515 appendix A",
        {
            "hmac": {"jwk": RFC["7515-A1"]["key"]},
            "rsa": {"jwk": public(RFC["7515-A2"]["key"])},
            "rsa-private": {"jwk": RFC["7515-A2"]["key"]},
            "p256": {"jwk": public(RFC["7515-A3"]["key"])},
            "p521": {"jwk": public(RFC["7515-A4"]["key"])},
        },
    )
    joe = {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}
    before, after = 1300819379, 1300819410
    cases = [("a1", "hmac", "7515-A1"), ("a2", "rsa", "7515-A2"), ("a3", "p256", "7515-A3")]
    for name, key, entry in cases:
        text = RFC[entry]["token"]
        payload = unb64(text.split(".")[1])
        source = f"RFC 7515 appendix A.{name[1]}"
        area.add(
            f"rfc7515-{name}-jwt",
            source=source,
            keys=key,
            policy={"issuer": "joe"},
            now=before,
            input=text,
            expect={"claims": joe, "header": header_of(text)},
        )
        area.add(
            f"rfc7515-{name}-expired",
            source=source + ", half a minute of leeway after its exp",
            keys=key,
            policy={"issuer": "joe"},
            now=after,
            input=text,
            expect="ERR_TOKEN_EXPIRED exp",
        )
        area.add(
            f"rfc7515-{name}-jws",
            source=source,
            operation="jws_verify",
            keys=key,
            input=text,
            expect={"payload": payload.decode()},
        )
        area.add(
            f"rfc7515-{name}-altered",
            source=source + ", the first byte of its payload altered",
            keys=key,
            policy={"issuer": "joe"},
            now=before,
            input=text.replace(".ey", ".ez", 1),
            expect="ERR_SIGNATURE_INVALID",
        )
    text = RFC["7515-A4"]["token"]
    area.add(
        "rfc7515-a4-jws",
        source="RFC 7515 appendix A.4",
        requires=["ES512"],
        operation="jws_verify",
        keys="p521",
        input=text,
        expect={"payload": "Payload", "header": {"alg": "ES512"}},
    )
    area.add(
        "rfc7515-a4-jwt",
        source="RFC 7515 appendix A.4: the payload is no claims set",
        requires=["ES512"],
        keys="p521",
        now=before,
        input=text,
        expect="ERR_TOKEN_JSON",
    )
    area.add(
        "rfc7515-a2-sign",
        source="RFC 7515 appendix A.2: RSASSA-PKCS1-v1_5 is deterministic",
        operation="jws_sign",
        keys="rsa-private",
        input=unb64(RFC["7515-A2"]["token"].split(".")[1]),
        expect={"token": RFC["7515-A2"]["token"], "header": {"alg": "RS256"}},
    )
    unsecured = f"{b64(compact({'alg': 'none'}))}.{RFC['7515-A1']['token'].split('.')[1]}."
    area.add(
        "rfc7515-a5-jwt",
        source="RFC 7515 appendix A.5: authwright has no unsecured JWS",
        keys="hmac",
        policy={"issuer": "joe"},
        now=before,
        input=unsecured,
        expect="ERR_ALGORITHM_NOT_ALLOWED alg",
    )
    area.add(
        "rfc7515-a5-jws",
        source="RFC 7515 appendix A.5",
        operation="jws_verify",
        keys="hmac",
        input=unsecured,
        expect="ERR_ALGORITHM_NOT_ALLOWED alg",
    )
    flattened = {
        "payload": RFC["7515-A3"]["token"].split(".")[1],
        "protected": "eyJhbGciOiJFUzI1NiJ9",
        "header": {"kid": "e9bc097a-ce51-4036-9562-d2ade882db0d"},
        "signature": RFC["7515-A3"]["token"].split(".")[2],
    }
    area.add(
        "rfc7515-a7-json",
        source="RFC 7515 appendix A.7: the JSON serialisation is not a JWT (RFC 7519 section 1)",
        keys="p256",
        now=before,
        input=json.dumps(flattened),
        expect="ERR_TOKEN_MALFORMED",
    )
    return area


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def rfc7517():
    public_set = RFC["7517-A1"]["jwks"]
    private_set, secrets = RFC["7517-A2"]["jwks"], RFC["7517-A3"]["jwks"]
    area = Area("rfc7517", "JSON Web Key: the examples of appendices A and B.", "RFC 7517", {})
    area.add(
        "rfc7517-a1-set",
        source="RFC 7517 appendix A.1",
        operation="import",
        keys={"jwks": public_set},
        expect={"set": {"length": 2, "jwks": public_set}},
    )
    area.add(
        "rfc7517-a2-set",
        source="RFC 7517 appendix A.2: only public parts leave a set",
        operation="import",
        keys={"jwks": private_set},
        expect={"set": {"length": 2, "jwks": public_set}},
    )
    ec_key, rsa_key = private_set["keys"]
    for name, key in (("ec", ec_key), ("rsa", rsa_key)):
        area.add(
            f"rfc7517-a2-{name}",
            source="RFC 7517 appendix A.2",
            operation="import",
            keys={"jwk": key},
            expect={
                "key": {
                    "kid": key["kid"],
                    "algorithm": key.get("alg"),
                    "is_private": True,
                    "jwk": public(key),
                    "private_jwk": key,
                }
            },
        )
    area.add(
        "rfc7517-a3-hmac",
        source="RFC 7517 appendix A.3",
        operation="import",
        keys={"jwk": secrets["keys"][1]},
        expect={
            "key": {
                "kid": "HMAC key used in JWS A.1 example",
                "algorithm": None,
                "is_private": True,
                "private_jwk": secrets["keys"][1],
            }
        },
    )
    area.add(
        "rfc7517-a3-key-wrap",
        source="RFC 7517 appendix A.3: A128KW is no signature algorithm",
        operation="import",
        keys={"jwk": secrets["keys"][0]},
        expect="ERR_UNSUPPORTED_ALGORITHM",
    )
    area.add(
        "rfc7517-a3-set",
        source="RFC 7517 appendix A.3 and section 5: what is not understood is ignored",
        keys={"jwks": secrets},
        policy={"issuer": "joe"},
        now=1300819379,
        input=RFC["7515-A1"]["token"],
        expect={"claims": {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}},
    )
    area.add(
        "rfc7517-b-x5c",
        source="RFC 7517 appendix B",
        operation="import",
        keys={"jwk": RFC["7517-B"]["key"]},
        expect={"key": {"kid": "1b94c", "algorithm": None, "is_private": False, "jwk": RFC["7517-B"]["key"]}},
    )
    return area


def rfc7519():
    area = Area(
        "rfc7519", "JSON Web Token: sections 3.1 and 6.1.", "RFC 7519", {"hmac": {"jwk": RFC["7515-A1"]["key"]}}
    )
    text = RFC["7515-A1"]["token"]
    joe = {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}
    area.add(
        "rfc7519-3-1",
        source="RFC 7519 section 3.1",
        keys="hmac",
        policy={"issuer": "joe", "typ": "JWT"},
        now=1300819300,
        input=text,
        expect={"claims": joe, "header": {"typ": "JWT", "alg": "HS256"}},
    )
    area.add(
        "rfc7519-3-1-last-second",
        source="RFC 7519 section 4.1.4, and 30 s of leeway",
        keys="hmac",
        policy={"issuer": "joe"},
        now=1300819409,
        input=text,
        expect={"claims": joe},
    )
    area.add(
        "rfc7519-3-1-decode",
        source="RFC 7519 section 3.1",
        operation="decode",
        input=text,
        expect={"claims": joe, "header": {"typ": "JWT", "alg": "HS256"}},
    )
    unsecured = (
        "eyJhbGciOiJub25lIn0"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    )
    area.add(
        "rfc7519-6-1",
        source="RFC 7519 section 6.1: an unsecured JWT is refused",
        keys="hmac",
        policy={"issuer": "joe"},
        now=1300819300,
        input=unsecured,
        expect="ERR_ALGORITHM_NOT_ALLOWED alg",
    )
    area.add(
        "rfc7519-6-1-decode",
        source="RFC 7519 section 6.1: to look at it is no verdict",
        operation="decode",
        input=unsecured,
        expect={"claims": joe, "header": {"alg": "none"}},
    )
    return area


def rfc7520():
    material = RFC["7520"]
    keys = material["keys"]
    area = Area(
        "rfc7520",
        "The JOSE cookbook's signatures in the compact serialisation.",
        "RFC 7520 section 4",
        {
            "rsa": {"jwk": public(keys["RSA-private"])},
            "rsa-private": {"jwk": keys["RSA-private"]},
            "p521": {"jwk": public(keys["EC-private"])},
            "p521-private": {"jwk": keys["EC-private"]},
            "hmac": {"jwk": keys["oct-sig"]},
            "set": {"jwks": {"keys": [public(keys["EC-private"]), public(keys["RSA-private"]), keys["oct-sig"]]}},
        },
    )
    payload = material["payload"]
    rs256, ps384, es512, hs256 = material["tokens"]
    named = {
        "4-1-rs256": (rs256, "rsa"),
        "4-2-ps384": (ps384, "rsa"),
        "4-3-es512": (es512, "p521"),
        "4-4-hs256": (hs256, "hmac"),
    }
    for name, (entry, key) in named.items():
        source = f"RFC 7520 section 4.{name[2]}"
        requires = ["ES512"] if key == "p521" else None
        area.add(
            f"rfc7520-{name}",
            source=source,
            requires=requires,
            operation="jws_verify",
            keys=key,
            input=entry["token"],
            expect={"payload": payload, "header": header_of(entry["token"])},
        )
        if not requires:
            area.add(
                f"rfc7520-{name}-set",
                source=source + ": found in a set where two keys have one kid and other types",
                operation="jws_verify",
                keys="set",
                input=entry["token"],
                expect={"payload": payload},
            )
        parts = entry["token"].split(".")
        area.add(
            f"rfc7520-{name}-detached",
            source="RFC 7520 section 4.5, with the signature of " + source[4:],
            requires=requires,
            operation="jws_verify",
            keys=key,
            input=f"{parts[0]}..{parts[2]}",
            payload=payload,
            expect={"payload": payload},
        )
    for name, key, index in (("4-1-sign", "rsa-private", 0), ("4-4-sign", "hmac", 3)):
        text = material["tokens"][index]["token"]
        area.add(
            f"rfc7520-{name}",
            source=f"RFC 7520 section 4.{name[2]}: deterministic",
            operation="jws_sign",
            keys=key,
            input=payload,
            expect={"header": header_of(text), "token": text},
        )
    area.add(
        "rfc7520-4-3-sign",
        source="RFC 7520 section 4.3",
        requires=["ES512"],
        operation="jws_sign",
        keys="p521-private",
        input=payload,
        expect={"header": header_of(material["tokens"][2]["token"])},
    )
    for name, key in (("3-2-ec", "EC-private"), ("3-4-rsa", "RSA-private")):
        members = keys[key]
        area.add(
            f"rfc7520-{name}-key",
            source=f"RFC 7520 section {name[0]}.{name[2]}",
            operation="import",
            requires=["ES512"] if "ec" in name else None,
            keys={"jwk": members},
            expect={"key": {"kid": members["kid"], "is_private": True, "jwk": public(members), "private_jwk": members}},
        )
    area.add(
        "rfc7520-3-5-secret-key",
        source="RFC 7520 section 3.5",
        operation="import",
        keys="hmac",
        expect={
            "key": {
                "kid": keys["oct-sig"]["kid"],
                "algorithm": "HS256",
                "is_private": True,
                "private_jwk": keys["oct-sig"],
            }
        },
    )
    return area


def rfc7638():
    area = Area("rfc7638", "JWK thumbprints.", "RFC 7638", {})
    area.add(
        "rfc7638-3-1",
        source="RFC 7638 section 3.1",
        operation="import",
        keys={"jwk": RFC["7638"]["jwk"]},
        expect={"key": {"thumbprint": RFC["7638"]["thumbprint"], "kid": "2011-04-29", "algorithm": "RS256"}},
    )
    bare = {name: RFC["7638"]["jwk"][name] for name in ("n", "kty", "e")}
    area.add(
        "rfc7638-3-1-bare",
        source="RFC 7638 section 3.1: members that are not required and their order do not count",
        operation="import",
        keys={"jwk": bare},
        expect={"key": {"thumbprint": RFC["7638"]["thumbprint"], "kid": None}},
    )
    area.add(
        "rfc7638-3-1-private",
        source="RFC 7638 section 3.2.1: a private key has its public key's thumbprint",
        operation="import",
        keys={"jwk": RFC["7517-A2"]["jwks"]["keys"][1]},
        expect={"key": {"thumbprint": RFC["7638"]["thumbprint"], "is_private": True}},
    )
    area.add(
        "rfc7638-ec",
        source="RFC 7517 appendix A.1's EC key, by RFC 7638 (value of jwcrypto's tests)",
        operation="import",
        keys={"jwk": RFC["7517-A1"]["jwks"]["keys"][0]},
        expect={"key": {"thumbprint": "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"}},
    )
    secret = RFC["7515-A1"]["key"]
    digest = hashlib.sha256(json.dumps({"k": secret["k"], "kty": "oct"}, separators=(",", ":")).encode()).digest()
    area.add(
        "rfc7638-oct",
        source="RFC 7638 section 3.2: k and kty of a secret",
        operation="import",
        keys={"jwk": secret},
        expect={"key": {"thumbprint": b64(digest)}},
    )
    return area


def rfc7797():
    area = Area(
        "rfc7797", "JWS with an unencoded payload.", "RFC 7797 section 4", {"hmac": {"jwk": RFC["7515-A1"]["key"]}}
    )
    encoded, unencoded, explicit, attached = RFC["7797"]["tokens"]
    area.add(
        "rfc7797-4-1",
        source="RFC 7797 section 4.1",
        operation="jws_verify",
        keys="hmac",
        input=encoded,
        expect={"payload": "$.02", "header": {"alg": "HS256"}},
    )
    area.add(
        "rfc7797-4-2",
        source="RFC 7797 section 4.2",
        operation="jws_verify",
        keys="hmac",
        input=unencoded,
        payload="$.02",
        expect={"payload": "$.02", "header": {"alg": "HS256", "b64": False, "crit": ["b64"]}},
    )
    area.add(
        "rfc7797-4-2-altered",
        source="RFC 7797 section 4.2, another payload",
        operation="jws_verify",
        keys="hmac",
        input=unencoded,
        payload="$.03",
        expect="ERR_SIGNATURE_INVALID",
    )
    area.add(
        "rfc7797-4-2-jwt",
        source="RFC 7797 section 7: b64 must not be used with JWTs",
        keys="hmac",
        input=unencoded,
        expect="ERR_TOKEN_CRITICAL crit",
    )
    area.add(
        "rfc7797-b64-true",
        source="RFC 7797 section 3: b64 true, named in crit (joserfc's fixture)",
        operation="jws_verify",
        keys="hmac",
        input=explicit,
        expect={"payload": "$.02"},
    )
    area.add(
        "rfc7797-attached",
        source="RFC 7797 section 5.2: an unencoded payload that is safe in the token (joserfc's fixture)",
        operation="jws_verify",
        keys="hmac",
        input=attached,
        expect={"payload": "hello"},
    )
    area.add(
        "rfc7797-4-2-sign",
        source="RFC 7797 section 4.2",
        operation="jws_sign",
        keys="hmac",
        options={"b64": False, "detached": True},
        input="$.02",
        expect={"header": {"alg": "HS256", "b64": False, "crit": ["b64"], "kid": RFC["7515-A1"]["key"]["kid"]}},
    )
    return area


def rfc8037():
    entry = RFC["8037"]
    area = Area(
        "rfc8037",
        "Ed25519 in JOSE.",
        "RFC 8037 appendix A",
        {"private": {"jwk": entry["key"]}, "public": {"jwk": public(entry["key"])}},
    )
    area.add(
        "rfc8037-a1-private",
        source="RFC 8037 appendix A.1",
        operation="import",
        keys="private",
        expect={"key": {"is_private": True, "kid": None, "jwk": public(entry["key"]), "private_jwk": entry["key"]}},
    )
    area.add(
        "rfc8037-a2-public",
        source="RFC 8037 appendix A.2",
        operation="import",
        keys="public",
        expect={"key": {"is_private": False, "jwk": public(entry["key"])}},
    )
    area.add(
        "rfc8037-a3-thumbprint",
        source="RFC 8037 appendix A.3",
        operation="import",
        keys="public",
        expect={"key": {"thumbprint": entry["thumbprint"]}},
    )
    area.add(
        "rfc8037-a4-sign",
        source="RFC 8037 appendix A.4",
        operation="jws_sign",
        keys="private",
        input=entry["payload"],
        expect={"token": entry["token"], "header": {"alg": "EdDSA"}},
    )
    area.add(
        "rfc8037-a5-verify",
        source="RFC 8037 appendix A.5",
        operation="jws_verify",
        keys="public",
        input=entry["token"],
        expect={"payload": entry["payload"], "header": {"alg": "EdDSA"}},
    )
    area.add(
        "rfc8037-a5-altered",
        source="RFC 8037 appendix A.5, one bit of the signature flipped",
        operation="jws_verify",
        keys="public",
        input=entry["token"].replace(".hgy", ".hgz"),
        expect="ERR_SIGNATURE_INVALID",
    )
    area.add(
        "rfc8037-a6-x25519",
        source="RFC 8037 appendix A.6: X25519 does not sign",
        operation="import",
        keys={"jwk": {"kty": "OKP", "crv": "X25519", "kid": "Bob", "x": "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}},
        expect="ERR_UNSUPPORTED_ALGORITHM",
    )
    return area
