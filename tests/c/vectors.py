#!/usr/bin/env python3
"""Runs the corpus through a C program: turns vectors into requests for vectors.c and judges its answers.

    tests/c/vectors.py [--every N] command...

The command is the runner, perhaps under valgrind. With --every N only each Nth vector is run.
"""

import argparse
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile

CORPUS = pathlib.Path(__file__).resolve().parent.parent / "vectors"
RING_LACKS = {"ES512", "ES256K"}


def base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def octets(value):
    if isinstance(value, str):
        return value.encode()
    if "base64" in value:
        return base64.b64decode(value["base64"])
    parts = value["parts"]
    return b"".join(
        part.encode() if isinstance(part, str) else part["repeat"].encode() * part["times"] for part in parts
    )


def json_text(value):
    return (value if isinstance(value, str) else json.dumps(value)).encode()


def fields(vector, named):
    """The fields of a request."""
    operation = vector.get("operation", "verify")
    yield "operation", operation.encode()
    keys = vector.get("keys", {})
    keys = named[keys] if isinstance(keys, str) else keys
    decoders = {"jwk": json_text, "jwks": json_text, "pem": str.encode, "der": base64.b64decode, "secret": base64url}
    for form, decode in decoders.items():
        if form in keys:
            yield "form", form.encode()
            yield "key", decode(keys[form])
    for option in ("alg", "kid", "password"):
        if option in keys:
            yield option, keys[option].encode()
    if operation == "verify" or "policy" in vector:
        yield "policy", json_text(vector.get("policy", {}))
    if "now" in vector:
        yield "now", str(vector["now"]).encode()
    if "input" in vector:
        yield "input", json_text(vector["input"]) if operation == "sign" else octets(vector["input"])
    if "payload" in vector:
        yield "payload", octets(vector["payload"])
    options = vector.get("options", {})
    if operation == "sign":
        yield "options", json_text(options)
        return
    if "algorithms" in options:
        yield "algorithms_given", b""
    for algorithm in options.get("algorithms", []):
        yield "algorithms", algorithm.encode()
    if "algorithm" in options:
        yield "algorithm", options["algorithm"].encode()
    if "headers" in options:
        yield "headers", json_text(options["headers"])
    for flag in ("detached", "b64"):
        if flag in options:
            yield flag, json.dumps(options[flag]).encode()


def same(left, right):
    """JSON equality: numbers by value, and true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def judge(vector, answer):
    """What is wrong with an answer, or None."""
    expect = vector["expect"]
    if os.environ.get("AW_PROVIDER") == "ring" and RING_LACKS.intersection(vector.get("requires", [])):
        expect = {"error": "ERR_UNSUPPORTED_ALGORITHM"}
    if "error" in expect or "error" in answer:
        wanted = {name: expect.get(name) for name in ("error", "field") if name in expect or name == "error"}
        got = {name: answer[name].decode() if name in answer else None for name in wanted}
        return None if got == wanted else f"{got} instead of {wanted}"
    members = {**expect, **expect.get("key", {}), **expect.get("set", {})}
    members.pop("key", None)
    members.pop("set", None)
    if vector.get("operation") == "jws_sign":
        members["payload"] = vector["input"]
    for name, wanted in members.items():
        raw = answer.get(name)
        if name in ("payload", "token"):
            got, wanted = raw, octets(wanted)
        elif name in ("kid", "algorithm", "thumbprint"):
            got = None if raw is None else raw.decode()
        else:
            got = None if raw is None else json.loads(raw)
        if not same(got, wanted):
            return f"{name} is {got!r} instead of {wanted!r}"
    return None


def answers(stream):
    answer = {}
    while line := stream.readline():
        if line == b"\n":
            yield answer
            answer = {}
            continue
        name, length = line.split()
        answer[name.decode()] = stream.read(int(length))
        stream.read(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    vectors = []
    for path in sorted(CORPUS.glob("*.json")):
        if path.name != "schema.json":
            corpus = json.loads(path.read_text())
            vectors += [(vector, corpus.get("keys", {})) for vector in corpus["vectors"]]
    vectors = vectors[:: options.every]
    with tempfile.TemporaryFile() as requests, tempfile.TemporaryFile() as output:
        for vector, named in vectors:
            for name, data in fields(vector, named):
                requests.write(b"%s %d\n%s\n" % (name.encode(), len(data), data))
            requests.write(b"\n")
        requests.seek(0)
        code = subprocess.run(options.command, check=False, stdin=requests, stdout=output).returncode
        output.seek(0)
        results = list(answers(output))
    wrong = 0
    for (vector, _), answer in zip(vectors, results):
        if problem := judge(vector, answer):
            print(f"{vector['id']}: {problem}", file=sys.stderr)
            wrong += 1
    if len(results) != len(vectors):
        unanswered = vectors[len(results)][0]["id"]
        print(f"{len(results)} answers to {len(vectors)} vectors; the next was {unanswered}", file=sys.stderr)
    if options.every == 1 and len(vectors) < 400:
        print(f"only {len(vectors)} vectors ran", file=sys.stderr)
        wrong += 1
    print(f"vectors: {len(results) - wrong} of {len(vectors)} as expected")
    sys.exit(1 if wrong or code or len(results) != len(vectors) else 0)


if __name__ == "__main__":
    main()
