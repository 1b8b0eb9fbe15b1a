"""Python's part of the demonstration; the programs of the other languages do the same.

interop.py sign KEY-FILE ALGORITHM     prints a token made with the private key or secret in the file (a JWK)
interop.py verify KEY-FILE             reads tokens from standard input, one a line, and prints for each of them
                                       `ok SUBJECT LANGUAGE`, or the error's code
"""

import pathlib
import sys

import authwright as aw


def sign(key: aw.Key, algorithm: str) -> None:
    signer = aw.Signer(key, algorithm=algorithm, issuer="https://id.example", audience="api", lifetime=900)
    print(signer.sign({"sub": "alice", "scope": "read", "lang": "python"}))


def verify(key: aw.Key) -> None:
    verifier = aw.Verifier(key, issuer="https://id.example", audience="api")
    for line in sys.stdin.buffer:
        try:
            claims = verifier.verify(line.rstrip(b"\r\n")).claims
            print("ok", claims.get("sub", "-"), claims.get("lang", "-"))
        except aw.AuthwrightError as error:
            print(error.code)


def main() -> int:
    match sys.argv[1:]:
        case ["sign", file, algorithm]:
            sign(aw.Key.from_jwk(pathlib.Path(file).read_text()), algorithm)
        case ["verify", file]:
            verify(aw.Key.from_jwk(pathlib.Path(file).read_text()))
        case _:
            print("usage: interop.py sign KEY-FILE ALGORITHM | interop.py verify KEY-FILE", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (aw.AuthwrightError, OSError) as error:
        print(f"interop: {error}", file=sys.stderr)
        sys.exit(1)
