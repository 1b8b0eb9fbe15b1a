"""A file of the corpus: collects vectors, refuses careless ones, and writes them in one stable form."""

import base64
import json
import pathlib
import re
from typing import ClassVar

DIRECTORY = pathlib.Path(__file__).resolve().parent.parent
CODES = [
    "ERR_INVALID_ARGUMENT",
    "ERR_UNKNOWN_OPTION",
    "ERR_POLICY_VERSION",
    "ERR_INTERNAL",
    "ERR_KEY_FORMAT",
    "ERR_KEY_INCONSISTENT",
    "ERR_KEY_TOO_WEAK",
    "ERR_KEY_PASSWORD",
    "ERR_KEY_NOT_PRIVATE",
    "ERR_KEY_MISMATCH",
    "ERR_UNSUPPORTED_ALGORITHM",
    "ERR_TOKEN_MALFORMED",
    "ERR_TOKEN_TOO_LARGE",
    "ERR_TOKEN_ENCODING",
    "ERR_TOKEN_JSON",
    "ERR_TOKEN_CRITICAL",
    "ERR_TOKEN_TYPE",
    "ERR_ALGORITHM_NOT_ALLOWED",
    "ERR_KEY_NOT_FOUND",
    "ERR_SIGNATURE_INVALID",
    "ERR_TOKEN_EXPIRED",
    "ERR_TOKEN_NOT_YET_VALID",
    "ERR_TOKEN_ISSUED_IN_FUTURE",
    "ERR_TOKEN_TOO_OLD",
    "ERR_ISSUER_MISMATCH",
    "ERR_AUDIENCE_MISMATCH",
    "ERR_SUBJECT_MISMATCH",
    "ERR_CLAIM_MISSING",
    "ERR_CLAIM_TYPE",
    "ERR_CLAIM_MISMATCH",
]

# The members of a vector between `id` and `expect`, in the order that they are written in.
MEMBERS = ["source", "requires", "operation", "keys", "policy", "options", "now", "input", "payload"]

# The moment at which most vectors are checked, and claims that are good then.
NOW = 1_700_000_000
ISSUER = "https://id.example"
AUDIENCE = "api"
POLICY = {"issuer": ISSUER, "audience": AUDIENCE}


def claims(**changes):
    """Good claims under POLICY at NOW, with changes; a value of None removes the claim."""
    members = {"iss": ISSUER, "sub": "alice", "aud": AUDIENCE, "exp": NOW + 600, "iat": NOW - 60} | changes
    return {name: value for name, value in members.items() if value is not None}


class Area:
    """One file. `add` takes a vector's members; what is None stays out."""

    identifiers: ClassVar[set[str]] = set()

    def __init__(self, name, description, source, keys=None):
        self.name, self.description, self.source = name, description, source
        self.keys, self.vectors = dict(keys or {}), []

    def add(self, identifier, *, expect, **given):
        if identifier in Area.identifiers:
            raise ValueError(f"{identifier} is there twice")
        if unknown := set(given) - set(MEMBERS):
            raise ValueError(f"{identifier}: no such member: {unknown}")
        keys, operation = given.get("keys"), given.get("operation")
        if isinstance(keys, str) and keys not in self.keys:
            raise ValueError(f"{identifier}: the file has no key {keys}")
        if operation in (None, "verify", "sign") and given.get("now") is None:
            given["now"] = NOW
        if isinstance(expect, str):
            code, _, field = expect.partition(" ")
            expect = {"error": code} | ({"field": field} if field else {})
        if "error" in expect and expect["error"] not in CODES:
            raise ValueError(f"{identifier}: {expect['error']} is no code")
        Area.identifiers.add(identifier)
        members = {"id": identifier} | {name: data(given.get(name)) for name in MEMBERS} | {"expect": expect}
        self.vectors.append({name: value for name, value in members.items() if value is not None})

    def text(self):
        lines = ["{", f'  "description": {dump(self.description)},', f'  "source": {dump(self.source)},']
        if self.keys:
            lines.append('  "keys": {')
            lines.append(",\n".join(f"    {dump(name)}: {dump(key)}" for name, key in self.keys.items()))
            lines.append("  },")
        lines.append('  "vectors": [')
        blocks = []
        for vector in self.vectors:
            members = ",\n".join(f"      {dump(name)}: {dump(value)}" for name, value in vector.items())
            blocks.append("    {\n" + members + "\n    }")
        lines.append(",\n".join(blocks))
        lines += ["  ]", "}", ""]
        text = "\n".join(lines)
        check_plain(self.name, text)
        return text

    @property
    def path(self):
        return DIRECTORY / f"{self.name}.json"


def data(value):
    """Bytes in the form that the README gives: text where they are plain text, base64 elsewhere."""
    if not isinstance(value, bytes):
        return value
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = "\0"
    return {"base64": base64.b64encode(value).decode()} if "\0" in text else text


def dump(value):
    return json.dumps(value, ensure_ascii=False)


def check_plain(name, text):
    """What the README promises: any JSON parser reads the file alike."""

    def pairs(members):
        if len({key for key, _ in members}) != len(members):
            raise ValueError(f"{name}: duplicate members")
        return dict(members)

    def strings(value):
        if isinstance(value, str):
            yield value
        for member in value.items() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ():
            yield from strings(member)

    def no_constant(constant):
        raise ValueError(f"{name}: {constant} is no JSON")

    parsed = json.loads(text, object_pairs_hook=pairs, parse_constant=no_constant)
    if any(re.search("[\0\ud800-\udfff]", string) for string in strings(parsed)):
        raise ValueError(f"{name}: a NUL or a lone surrogate")
