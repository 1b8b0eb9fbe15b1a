"""base64url, segments and JSON, to the letter: decoding.json."""

import json

from corpus import POLICY, Area, claims
from decoding_json import depth, headers, json_texts, numbers, strings
from jose import b64, compact_json, jwk, oct_jwk, secret, signature, token

KEY = secret(32)
ENCODING, JSON, MALFORMED = "ERR_TOKEN_ENCODING", "ERR_TOKEN_JSON", "ERR_TOKEN_MALFORMED"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def areas():
    area = Area(
        "decoding",
        "Segments, base64url and JSON: what is read, and what is refused.",
        "authwright: decoding (RFC 7515 sections 2 and 5.2, RFC 8259, RFC 7493)",
        {"secret": {"jwk": oct_jwk(KEY)}, "rsa": {"jwk": jwk("rsa-a")}},
    )
    segments(area)
    encoding(area)
    padded(area)
    json_texts(area)
    headers(area)
    numbers(area)
    strings(area)
    depth(area)
    decode(area)
    return [area]


def signed_segments(header, payload):
    """A token of these two segments as they are, with a good signature over them."""
    return f"{header}.{payload}.{b64(signature('HS256', KEY, f'{header}.{payload}'.encode()))}"


HEADER = b64('{"alg":"HS256"}')


def good():
    return token("HS256", KEY, claims())


def segments(area):
    header, payload, mac = good().split(".")
    for name, text in [
        ("empty", ""),
        ("one", header),
        ("two", f"{header}.{payload}"),
        ("four", f"{header}.{payload}.{mac}."),
        ("four-full", f"{good()}.{mac}"),
        ("five", f"{good()}.{mac}.{mac}"),
        ("one-dot", "."),
        ("two-dots", ".."),
        ("three-dots", "..."),
        ("four-dots", "...."),
        ("leading-dot", f".{good()}"),
        ("empty-header", f".{payload}.{mac}"),
        ("space", " "),
        ("word", "token"),
        ("null-word", "null"),
    ]:
        area.add(
            f"decoding-segments-{name}",
            source="RFC 7515 section 7.1: three segments",
            keys="secret",
            policy=POLICY,
            input=text,
            expect=MALFORMED,
        )
    area.add(
        "decoding-segments-nul",
        source="a NUL is a byte like others",
        keys="secret",
        policy=POLICY,
        input=b"\0",
        expect=MALFORMED,
    )
    area.add(
        "decoding-segments-nul-behind",
        source="nothing ends at a NUL",
        keys="secret",
        policy=POLICY,
        input=good().encode() + b"\0",
        expect=ENCODING,
    )
    area.add(
        "decoding-segments-nul-and-more",
        source="nothing ends at a NUL",
        keys="secret",
        policy=POLICY,
        input=good().encode() + b"\0.x",
        expect=MALFORMED,
    )
    area.add(
        "decoding-segments-empty-payload",
        source="an empty payload is no claims set",
        keys="secret",
        policy=POLICY,
        input=signed_segments(HEADER, ""),
        expect=JSON,
    )
    area.add(
        "decoding-segments-empty-signature",
        keys="secret",
        policy=POLICY,
        input=f"{header}.{payload}.",
        expect="ERR_SIGNATURE_INVALID",
    )
    area.add(
        "decoding-segments-invalid-utf8",
        source="bytes that are no text",
        keys="secret",
        policy=POLICY,
        input=b"\xff.\xff.\xff",
        expect=ENCODING,
    )
    area.add(
        "decoding-segments-utf16",
        source="UTF-16",
        keys="secret",
        policy=POLICY,
        input=good().encode("utf-16-le"),
        expect=ENCODING,
    )
    area.add(
        "decoding-segments-bom",
        source="a byte order mark",
        keys="secret",
        policy=POLICY,
        input="\ufeff" + good(),
        expect=ENCODING,
    )
    area.add(
        "decoding-segments-fullwidth-dots",
        source="U+FF0E is no dot",
        keys="secret",
        policy=POLICY,
        input=good().replace(".", "\uff0e"),
        expect=MALFORMED,
    )


def encoding(area):
    header, payload, mac = good().split(".")
    source = "RFC 7515 section 2: base64url without padding; RFC 4648 section 3.5: one canonical form"
    for part, index in (("header", 0), ("signature", 2)):
        for name, alter in [
            ("padding", lambda text: text + "=" * (-len(text) % 4 or 4)),
            ("one-pad", lambda text: text + "="),
            ("plus", lambda text: text[:4] + "+" + text[5:]),
            ("slash", lambda text: text[:4] + "/" + text[5:]),
            ("space-inside", lambda text: text[:4] + " " + text[4:]),
            ("space-before", lambda text: " " + text),
            ("newline-inside", lambda text: text[:4] + "\n" + text[4:]),
            ("crlf-inside", lambda text: text[:4] + "\r\n" + text[4:]),
            ("tab-inside", lambda text: text[:4] + "\t" + text[4:]),
            ("percent", lambda text: text[:4] + "%41" + text[4:]),
            ("non-ascii", lambda text: text[:4] + "é" + text[4:]),
            ("comma", lambda text: text[:4] + "," + text[5:]),
            ("kelvin", lambda text: text[:4] + "\u212a" + text[5:]),
            ("length-one-more", lambda text: text + "A" * (5 - len(text) % 4 if len(text) % 4 != 1 else 0)),
        ]:
            parts = [header, payload, mac]
            parts[index] = alter(parts[index])
            area.add(
                f"decoding-{part}-{name}",
                source=source,
                keys="secret",
                policy=POLICY,
                input=".".join(parts),
                expect=ENCODING,
            )
    area.add(
        "decoding-trailing-newline",
        source="RFC 7515 section 5.2: no white space, though files end with one",
        keys="secret",
        policy=POLICY,
        input=good() + "\n",
        expect=ENCODING,
    )
    area.add(
        "decoding-trailing-space", source=source, keys="secret", policy=POLICY, input=good() + " ", expect=ENCODING
    )
    # The last character of a segment of 4n + 2 or 4n + 3 has bits that belong to no byte.
    for name, length in (("two-bits", 32), ("four-bits", 31)):
        text = good()
        front, last = text.rsplit(".", 1)[0], text.rsplit(".", 1)[1]
        last = last if length == 32 else last[:42]
        if length == 31:
            last = last[:41] + ALPHABET[ALPHABET.index(last[41]) & 0x30]
        changed = last[:-1] + ALPHABET[ALPHABET.index(last[-1]) | 1]
        area.add(
            f"decoding-signature-trailing-{name}",
            source=source,
            keys="secret",
            policy=POLICY,
            input=f"{front}.{changed}",
            expect=ENCODING,
        )
    odd = b64('{"alg":"HS256" }')
    area.add(
        "decoding-header-trailing-bits",
        source=source,
        keys="secret",
        policy=POLICY,
        expect=ENCODING,
        input=signed_segments(odd[:-1] + ALPHABET[ALPHABET.index(odd[-1]) | 1], payload),
    )
    # A badly encoded payload is found behind a good signature, and only there.
    for name, segment in [
        ("padding", payload + "=" * (-len(payload) % 4 or 4)),
        ("plus", payload[:8] + "+" + payload[9:]),
        ("slash", payload[:8] + "/" + payload[9:]),
        ("space", payload[:8] + " " + payload[8:]),
        ("newline", payload + "\n"),
        ("one-character", "A"),
        ("non-ascii", payload + "é"),
        ("trailing-bits", b64(compact_json(claims()) + " " * ((1 - len(compact_json(claims()))) % 3))[:-1] + "h"),
        ("nul", payload + "\0"),
    ]:
        area.add(
            f"decoding-payload-{name}",
            source=source + "; the signature is good",
            keys="secret",
            policy=POLICY,
            input=signed_segments(HEADER, segment).encode(),
            expect=ENCODING,
        )
    area.add(
        "decoding-payload-bad-and-signature-bad",
        source="authwright: the signature comes first",
        keys="secret",
        policy=POLICY,
        input=f"{header}.{payload}=.{mac}",
        expect="ERR_SIGNATURE_INVALID",
    )
    area.add(
        "decoding-algorithm-before-signature-encoding",
        source="authwright: algorithm and key come before the signature",
        keys="rsa",
        policy=POLICY,
        input=f"{header}.{payload}.{mac}=",
        expect="ERR_ALGORITHM_NOT_ALLOWED alg",
    )
    area.add(
        "decoding-payload-never-before-signature",
        source="authwright: claims are never parsed before the signature is good",
        keys="secret",
        policy=POLICY,
        input=f"{header}.{b64('not json')}.{mac}",
        expect="ERR_SIGNATURE_INVALID",
    )


def pad(segment):
    return segment + "=" * (-len(segment) % 4)


def padded(area):
    """compat padded_base64: tokens of AWS ALB."""
    lenient = POLICY | {"compat": ["padded_base64"]}
    source = "AWS ALB pads its segments (pyjwt issue 1209): tolerated under a compat flag, never by default"
    payloads = {count: compact_json(claims(sub="a" * (5 + count))) for count in range(3)}
    by_remainder = {len(text) % 3: text for text in payloads.values()}
    headers = {0: '{"alg":"HS256"}', 1: '{"alg":"HS256" }', 2: '{ "alg":"HS256" }'}
    for remainder in range(3):
        header, payload = pad(b64(headers[remainder])), pad(b64(by_remainder[remainder]))
        text = signed_segments(header, payload) + "="
        area.add(
            f"decoding-padded-{remainder}",
            source=source,
            keys="secret",
            policy=lenient,
            input=text,
            expect={"claims": json.loads(by_remainder[remainder])},
        )
        if remainder:
            area.add(
                f"decoding-padded-{remainder}-strict",
                source=source,
                keys="secret",
                policy=POLICY,
                input=text,
                expect=ENCODING,
            )
    area.add(
        "decoding-padded-flag-unpadded",
        source="under the flag, unpadded tokens are still read",
        keys="secret",
        policy=lenient,
        input=good(),
        expect={"claims": claims()},
    )
    area.add(
        "decoding-padded-object-form",
        source=source,
        keys="secret",
        policy=POLICY | {"compat": {"padded_base64": True}},
        input=good() + "=",
        expect={"claims": claims()},
    )
    area.add(
        "decoding-padded-object-false",
        source=source,
        keys="secret",
        policy=POLICY | {"compat": {"padded_base64": False}},
        input=good() + "=",
        expect=ENCODING,
    )
    only = "the flag tolerates padding and nothing else"
    header, payload, mac = good().split(".")
    for name, text in [
        ("too-much", f"{header}.{payload}.{mac}=="),
        ("far-too-much", f"{header}.{payload}.{mac}" + "=" * 9),
        ("inside", f"{header}.{payload}.{mac[:8]}={mac[8:]}"),
        ("only", f"{header}.{payload}.="),
        ("plus", f"{header}.{payload}.{mac[:8]}+{mac[9:]}="),
        ("newline", f"{good()}=\n"),
        ("header-too-much", f"{pad(header)}====.{payload}.{mac}"),
        ("trailing-bits", f"{header}.{payload}.{mac[:-1] + ALPHABET[ALPHABET.index(mac[-1]) | 1]}="),
    ]:
        area.add(f"decoding-padded-{name}", source=only, keys="secret", policy=lenient, input=text, expect=ENCODING)
    stripped = signed_segments(pad(b64(headers[1])), pad(b64(by_remainder[1])))
    area.add(
        "decoding-padded-signed-bytes",
        source="the signature is over the segments with their padding",
        keys="secret",
        policy=lenient,
        input=".".join(part.rstrip("=") for part in stripped.split(".")),
        expect="ERR_SIGNATURE_INVALID",
    )


def decode(area):
    source = "authwright: dangerous_decode checks nothing but the form"
    expired = token("HS256", secret(32, "unknown"), claims(exp=1, aud=7))
    for name, text, members, header in [
        ("good", good(), claims(), {"alg": "HS256"}),
        ("expired-unknown-key", expired, claims(exp=1, aud=7), {"alg": "HS256"}),
        ("unknown-alg", token("HS256", KEY, claims(), alg_header="XS1"), claims(), {"alg": "XS1"}),
        (
            "crit",
            token("HS256", KEY, claims(), {"crit": ["x"], "x": 1}),
            claims(),
            {"alg": "HS256", "crit": ["x"], "x": 1},
        ),
    ]:
        area.add(
            f"decoding-decode-{name}",
            source=source,
            operation="decode",
            input=text,
            expect={"claims": members, "header": header},
        )
    header, payload, mac = good().split(".")
    for name, text, code in [
        ("two-segments", f"{header}.{payload}", MALFORMED),
        ("five-segments", f"{good()}.a.b", MALFORMED),
        ("empty", "", MALFORMED),
        ("header-encoding", f"{header}=.{payload}.{mac}", ENCODING),
        ("payload-encoding", f"{header}.{payload}=.{mac}", ENCODING),
        ("header-json", f"{b64('x')}.{payload}.{mac}", JSON),
        ("payload-json", f"{header}.{b64('x')}.{mac}", JSON),
        ("payload-array", f"{header}.{b64('[]')}.{mac}", JSON),
        ("payload-duplicate", f"{header}." + b64('{"a":1,"a":1}') + f".{mac}", JSON),
    ]:
        area.add(f"decoding-decode-{name}", source=source, operation="decode", input=text, expect=code)
    area.add(
        "decoding-decode-no-signature",
        source=source,
        operation="decode",
        input=f"{header}.{payload}.",
        expect={"claims": claims(), "header": {"alg": "HS256"}},
    )
