#!/usr/bin/env python3
"""Seeds for the fuzz targets, in corpus/<target>/, out of the vectors and the test keys. Each target's own comment tells
what its inputs look like. Existing inputs, which a fuzzer may have found, stay."""

import base64
import hashlib
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "tests" / "vectors"
KEYS = HERE.parent / "core" / "tests" / "keys"
MOST_BYTES = 16_384
ALGORITHMS = [
    "HS256",
    "HS384",
    "HS512",
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "ES256K",
    "EdDSA",
    "Ed25519",
]


def main():
    vectors = list(read_vectors())
    seeds = {
        "json": json_seeds(vectors),
        "token": token_seeds(vectors),
        "key": key_seeds(vectors),
        "key_set": key_set_seeds(vectors),
        "policy": policy_seeds(vectors),
        "sign": sign_seeds(vectors),
        "c_abi": c_seeds(),
        "login": login_seeds(),
        "api_key": api_key_seeds(),
    }
    for target, inputs in seeds.items():
        directory = HERE / "corpus" / target
        directory.mkdir(parents=True, exist_ok=True)
        inputs = {data for data in inputs if len(data) <= MOST_BYTES}
        for data in inputs:
            (directory / hashlib.sha1(data).hexdigest()).write_bytes(data)
        print(f"{target}: {len(inputs)} seeds")


def read_vectors():
    for path in sorted(VECTORS.glob("*.json")):
        if path.name != "schema.json":
            file = json.loads(path.read_text())
            for vector in file["vectors"]:
                if isinstance(vector.get("keys"), str):
                    vector["keys"] = file["keys"][vector["keys"]]
                yield vector


def compact(value):
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))).encode()


def data(value):
    """The bytes of an input, as the vectors' README describes them."""
    if isinstance(value, str):
        return value.encode()
    if "base64" in value:
        return base64.b64decode(value["base64"])
    if "parts" not in value:
        return compact(value)
    parts = ((part, 1) if isinstance(part, str) else (part["repeat"], part["times"]) for part in value["parts"])
    return b"".join(text.encode() * min(times, MOST_BYTES) for text, times in parts)[: MOST_BYTES + 1]


def segments(token):
    """Header and payload of a token, as far as they can be read."""
    for segment in token.split(b".")[:2]:
        try:
            yield base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
        except ValueError:
            yield b"{}"


def key_text(keys):
    """A vector's keys as one text without a NUL, or None."""
    if "jwk" in keys or "jwks" in keys:
        return compact(keys.get("jwk", keys.get("jwks")))
    if "pem" in keys and "password" not in keys:
        return keys["pem"].encode()
    if "secret" in keys:
        return compact(
            {"kty": "oct", "k": keys["secret"]} | {name: keys[name] for name in ("alg", "kid") if name in keys}
        )
    return None


def tokens(vectors):
    for vector in vectors:
        if vector.get("operation", "verify") in ("verify", "jws_verify", "decode"):
            yield vector, data(vector["input"])


def json_seeds(vectors):
    for vector, token in tokens(vectors):
        yield from segments(token)
        yield compact(vector.get("policy", {}))


def token_seeds(vectors):
    for vector, token in tokens(vectors):
        policy = compact(vector.get("policy", {}))
        yield token
        parts = list(segments(token))
        if len(parts) == 2 and b"\0" not in parts[0]:
            yield b"s" + b"\0".join([policy, *parts])
        key = key_text(vector.get("keys", {}))
        if key is not None and b"\0" not in key + policy:
            yield b"r" + b"\0".join([key, policy, token])


def key_seeds(vectors):
    pem, der, jwk, secret = range(4)

    def selector(form, algorithm=None, kid=None):
        # Numbers beyond the last algorithm ask for none.
        number = ALGORITHMS.index(algorithm) if algorithm in ALGORITHMS else 31
        return bytes([number << 3 | (kid is not None) << 2 | form])

    for path in sorted(KEYS.iterdir()):
        content = path.read_bytes()
        if path.suffix == ".pem":
            yield selector(pem) + b"correct\0" + content
            body = b"".join(line for line in content.splitlines() if b"-" not in line and b":" not in line)
            try:
                yield selector(der) + b"correct\0" + base64.b64decode(body)
            except ValueError:
                pass
        elif path.suffix in (".der", ".p12"):
            yield selector(der) + b"\0" + content
        elif path.suffix == ".jwk":
            yield selector(jwk) + content
        elif path.suffix == ".jwks":
            for key in json.loads(content)["keys"]:
                yield selector(jwk) + compact(key)
        yield selector(secret) + content
    for vector in vectors:
        keys = vector.get("keys", {})
        choice, password = (keys.get("alg"), keys.get("kid")), keys.get("password", "").encode()
        if "jwk" in keys:
            yield selector(jwk) + compact(keys["jwk"])
        elif "pem" in keys:
            yield selector(pem, *choice) + password + b"\0" + keys["pem"].encode()
        elif "der" in keys:
            yield selector(der, *choice) + password + b"\0" + base64.b64decode(keys["der"])
        elif "secret" in keys:
            yield selector(secret, *choice) + base64.urlsafe_b64decode(keys["secret"] + "==")


def key_set_seeds(vectors):
    for path in sorted(KEYS.glob("*.jwk*")):
        content = path.read_bytes()
        yield content if path.suffix == ".jwks" else b'{"keys":[' + content + b"]}"
    for vector in vectors:
        keys = vector.get("keys", {})
        if "jwks" in keys:
            yield compact(keys["jwks"])
        elif "jwk" in keys:
            yield b'{"keys":[' + compact(keys["jwk"]) + b"]}"


def policy_seeds(vectors):
    for vector in vectors:
        for name in ("policy", "options"):
            if name in vector:
                yield compact(vector[name])


def sign_seeds(vectors):
    options = [{"dangerous_no_expiration": True}, {"lifetime": 900}, {"lifetime": 60, "issuer": "https://id.example"}]
    for vector in vectors:
        if vector.get("operation") == "sign":
            yield compact(vector.get("options", {})) + b"\0" + compact(vector["input"])
        elif vector.get("operation", "verify") == "verify":
            parts = list(segments(data(vector["input"])))
            if len(parts) == 2:
                yield from (compact(one) + b"\0" + parts[1] for one in options)


def login_seeds():
    """A byte for what it is, then what targets/login.rs reads: answers have a status and a content type before the body."""
    ok, form, page = b"\0\0", b"\0\1", b"\2\2"
    yield from (
        b"\0" + text for text in (b"code=c&state=s", b"https://app.example/cb?error=access_denied&state=s&iss=i")
    )
    yield from (b"\0" + text for text in (b"state=s&code=%41&id_token=a.b.c&user=%7B%7D", b"/cb?x#f"))
    yield b"\1" + base64.urlsafe_b64encode(bytes([1]) + bytes(range(120))).rstrip(b"=")
    cookies = b"a=b; __Host-aw-login.1700000000.AAAAAAAAAAAAAAAA=AQ; __Host-aw-login.1.B-_=x"
    yield from (bytes([kind]) + cookies for kind in (2, 11))
    for body in (
        b'{"access_token":"at","token_type":"bearer","expires_in":"60","scope":["a"],"refresh_token":null,"id_token":""}',
        b'{"error":"invalid_grant","error_description":"x"}',
        b'{"error":{"message":"m","type":"t","code":1}}',
        b'{"ok":false,"error":"e"}',
        b"access_token=at&token_type=bearer&scope=a%2Cb&expires_in=1.5",
        b"<html>",
    ):
        yield from (b"\3" + head + body for head in (ok, form, page, b"\4\0"))
    endpoints = ("authorization", "token", "userinfo", "revocation", "end_session")
    metadata = {"issuer": "https://id.example", "jwks_uri": "https://id.example/jwks"}
    metadata |= {f"{name}_endpoint": f"https://id.example/{name}" for name in endpoints}
    metadata |= {"code_challenge_methods_supported": ["S256"], "mtls_endpoint_aliases": {"token_endpoint": "https://m"}}
    yield b"\4" + ok + compact(metadata)
    yield b"\5" + ok + b'{"sub":"a","email":"e","email_verified":"true","picture":{"data":{"url":"https://p"}}}'
    yield b"\5\0\4a.b.c"
    yield b"\6\4\0" + b'{"error":"unsupported_token_type"}'
    names = ("google", "microsoft", "apple", "github", "facebook", "gitlab", "slack", "linkedin", "discord", "imgur")
    for name in names:
        options = {"provider": name, "client_id": "c", "client_secret": "s", "redirect_uri": "https://app.example/cb"}
        yield b"\7" + compact(options)
    yield b"\7" + compact({"issuer": "https://id.example", "client_id": "c", "scope": ["openid"], "strict": True})
    yield b"\x08" + compact(
        {"scope": "a b", "return_to": "/x?y", "max_age": 1, "acr_values": "g", "parameters": {"a": "b"}}
    )
    yield b"\x09" + compact({"access_token": "a", "expires_at": 1, "scope": ["s"], "claims": {"sub": "a"}})
    yield b"\x0a" + compact({"state": "s", "id_token_hint": "h"})
    yield b"\x0a" + compact({"renew_before": 60, "persist": True})


def api_key_seeds():
    """A byte for what it is, then what targets/api_key.rs reads. The rows of the scenarios are documents of all kinds."""
    document = json.loads((HERE.parent / "tests" / "scenarios" / "api_keys.json").read_text())
    yield b"\0acme_live_" + b"A" * 16 + b"_" + b"a" * 43 + b"4ZkI3k"
    yield b"\0sk_live_4eC39HqLyjWDarjtT1zdp7dc"
    words = {"prefix": "acme", "environment": "live"}
    kinds = {"keys": (1, words), "issue": (2, {"owner": "o"}), "import": (3, {"owner": "o", "sha256": "a" * 64})}
    kinds |= {"rotate": (4, {"overlap": 60, "expires_in": 60}), "store": (5, {})}
    for table, (kind, given) in kinds.items():
        yield bytes([kind]) + compact(given)
        for row in document["refused"][table].values():
            yield bytes([kind]) + compact({**given, **row["value"]}) + b"\0" + row.get("url", "memory:").encode()
    for metadata in document["metadata"]["taken"].values():
        yield b"\2" + compact({"owner": "o", "scopes": ["a", "b"], "metadata": metadata, "expires_in": 60})
    for url in ("rediss://u:p%40@h:1/2?wait_replicas=1", "redis+sentinel://a,[::1]:2/m/0", "redis+cluster://a:1,b:2"):
        yield b'\5{"namespace":"n","connections":2}\0' + url.encode()
    yield b'\5{"connections":2}\0sqlite:keys.db'
    hashed = "AAAAAAAA." + "A" * 43
    key = {"id": "A" * 16, "owner": "alice", "scopes": ["a"], "metadata": {"a": 1}, "created_at": 1_700_000_000}
    key |= {
        "expires_at": 1_700_000_060,
        "revoked_at": 1,
        "rotated_at": 1,
        "last_used_at": 1_700_000_000,
        "last4": "AAAA",
    }
    key |= {"hash": hashed, "previous": [[hashed, 1_800_000_000]]}
    yield b"\7" + compact(key)
    yield b"\6" + hashed.encode() + b"." + compact(key)
    yield from (b"\x08" + text for text in (b"alice", b"A" * 16, b"imported-" + b"A" * 22, b"a:b"))


def c_seeds():
    """Programs, in the numbers of targets/c_abi.rs and src/c.rs: a byte for the call, then its arguments. Data is 3 (4: with a
    NUL), a length and bytes, or the number of a text; a handle is 0 for the newest; an out parameter is 0, and the error comes
    last."""
    texts = 24

    def text(number):
        # Any number above 7 that leaves this remainder.
        return bytes([texts + number])

    def inline(content, terminated=False):
        return bytes([4 if terminated else 3, len(content)]) + content

    def name(content):
        return bytes([1, len(content)]) + content

    none, newest, places = b"\0", b"\0", b"\0\0"
    now = (1_700_000_000).to_bytes(8, "big")
    content_of_buffer = b"\x07\0"
    keys = {
        "jwk": b"\x10" + text(6) + places,
        "secret": b"\x11" + text(13) + name(b"HS256") + none + places,
        "p256": b"\0" + text(8) + none + name(b"kid") + none + places,
        "ed25519": b"\0" + text(9) + none * 3 + places,
        "rsa": b"\0" + text(10) + name(b"RS256") + none * 2 + places,
        "certificate": b"\0" + text(11) + none * 3 + places,
        "generated": b"\x13" + name(b"ES256") + none + b"\0" + places,
        "broken": b"\x12" + inline(b"\x30\x03\x02\x01\x00") + none * 3 + places,
    }
    inspect = b"\x14\0" + places + b"\x15\0\1" + places * 4 + b"\x15\0\0" + places * 4 + b"\x16\0\0"
    for key in keys.values():
        yield key
        yield key + inspect
        signer = key + b"\x24" + newest + text(3) + places
        signed = signer + b"\x25" + newest + text(1) + now + places
        yield signed
        verified = signed + b"\x2c" + newest + text(5) + places + b"\x2d" + newest + content_of_buffer + now + places
        names = b"sub", b"scope", b"count", b"name"
        yield verified + b"".join(b"\4" + newest + name(claim) + b"\1" + b"\0" * 32 for claim in names)
        yield signed + b"\x35" + content_of_buffer + places + b"\x36\0" + name(b"sub") + b"\0" * 5
        yield key + b"\x17\1" + newest + places + b"\x1a\0\0" + places * 3
        yield key + b"\x17\1" + newest + places + b"\x2b" + newest + text(4) + places
        prepared = signer + b"\x28" + newest + text(1) + now + places * 2 + b"\x29\0\0"
        yield prepared + b"\x2a\0\0" + inline(b"x" * 64) + b"\0" + places
        for flags in range(4):
            made = key + b"\x37" + inline(b"payload") + newest + none + none + bytes([flags]) + places
            payload = inline(b"payload") if flags & 1 else none
            yield made + b"\x38" + content_of_buffer + payload + b"\0\0\0" + places * 2 + b"\x39\0\0\0"
    for source in (text(7), text(12), inline(b'{"keys":[]}'), inline(b'{"keys":[{"kty":"OKP"}]}', terminated=True)):
        yield b"\x19" + source + places + b"\x1a\0\0" + places * 3
    claims = b"\x1b" + places
    sets = [
        b"\0" + inline(b"alice"),
        b"\1\2" + name(b"a") + name(b"b"),
        b"\2" + now,
        b"\3" + b"\x3f\xe0" + b"\0" * 6,
        b"\4\1",
        b"\5",
        b"\6" + inline(b'{"a":[1,2.5e3,"\\u0000"]}'),
    ]
    for member in sets:
        claims += b"\x08" + newest + name(b"n%d" % len(claims)) + member + b"\0"
        yield claims + b"\x23" + newest + places
    signer = keys["jwk"] + b"\x24" + newest + text(2) + places
    yield signer + claims + b"\x27\0\0" + places + b"\x3a\0\0" + b"\x3c\0\1\x3c\0\7"
    yield b"\x3b" + now
    yield from store_seeds(keys["secret"], text, inline, name, now)


def store_seeds(pepper, text, inline, name, now):
    """As c_seeds(): API keys in a store in memory, in one of functions that do what they should, and in some that do not."""
    none, newest, places, wait = b"\0", b"\0", b"\0\0", b"\0"
    secret, id_, next_ = b"\x08\0", b"\x09\0", b"\x0a\0"
    whole = [b"\x0d\0" + bytes([len(script)]) + script + places for script in scripts()]
    limited = b"\x0c\0" + text(20) + places
    for store in (b"\x0c\0" + none + places, limited, *whole):
        keys = pepper + store + b"\x0e" + text(15) + b"\1" + newest + newest + none + places
        issued = keys + b"\x0f" + newest + text(16) + wait + places
        checked = issued + b"\x1d" + newest + secret + b"\1" + name(b"read") + wait + now + places * 2
        yield checked + b"\x30" + newest + none * 20
        yield checked + b"\x1d" + newest + secret + b"\1" + name(b"other") + wait + now + places * 2
        rotated = issued + b"\x20" + newest + id_ + text(19) + wait + places
        listed = rotated + b"\x0f" + newest + text(16) + wait + places
        listed += b"\x1f" + newest + text(23) + none + b"\1" + wait + places
        yield listed + b"\x1f" + newest + text(23) + next_ + b"\1" + wait + places + b"\x31" + none * 22
        yield listed + b"\x22" + newest + text(23) + wait + places + b"\x32" + newest + wait + places
        yield issued + b"\x1e" + newest + id_ + wait + places + b"\x21" + newest + id_ + wait + places
        imported = keys + b"\x1c" + newest + text(17) + wait + places
        yield imported + b"\x1d" + newest + text(18) + none + wait + now + places * 2
        yield issued + b"\x34" + newest + newest + none + b"\x1e" + newest + id_ + wait + places
        yield issued + b"\x2f" + newest + secret
        yield issued + store + b"\x3d" + newest + b"\1" + wait + places
        for options in (text(21), text(22), inline(b'{"only":"records/put_once"}'), none):
            yield store + b"\x33" + newest + options + wait + none + places
    for flaw in range(1, 6):
        yield b"\x0d" + bytes([flaw]) + none + places


def scripts():
    """What the functions of a store do, in the numbers of src/liar.rs: nothing wrong, or now and then."""
    yield b""
    for place in range(6):
        for answer in (2, 3, 5, 10):
            yield b"\0" * place + bytes([0x80, 1, answer, 0, 0, answer])
    for flaw in range(14):
        yield b"\0\0" + bytes([0x80, 1, flaw, 4]) + b"abcd" + b"\0" * 8 + b"\x0a"


if __name__ == "__main__":
    main()
