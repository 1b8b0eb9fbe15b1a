"""Many threads on the same objects."""

import threading
from collections.abc import Callable

import pytest
from conftest import ISSUER, NOW

import authwright as aw

THREADS = 16


def hammer(work: Callable[[int], None]) -> None:
    """Runs `work` in many threads that start together, and passes on what the first failing one raised."""
    barrier = threading.Barrier(THREADS)
    raised: list[BaseException] = []

    def run(number: int) -> None:
        try:
            barrier.wait()
            work(number)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


@pytest.mark.parametrize("alg", ["HS256", "RS256", "ES256", "ES384", "EdDSA"])
def test_one_signer_and_one_verifier(alg: str) -> None:
    key = aw.Key.generate(alg, kid="k")
    signer = aw.Signer(key, issuer=ISSUER, lifetime=60)
    verifier = aw.Verifier(aw.KeySet([key]), issuer=ISSUER)
    shared = signer.sign({"sub": "shared"}, NOW)

    def work(number: int) -> None:
        for turn in range(30 if alg == "RS256" else 200):
            subject = f"{number}-{turn}"
            token = signer.sign({"sub": subject, "list": [number, turn]}, NOW)
            assert verifier.verify(token, NOW).claims["list"] == [number, turn]
            assert verifier.verify(shared, NOW).claims["sub"] == "shared"
            with pytest.raises(aw.TokenExpiredError):
                verifier.verify(token.encode(), NOW + 100)
            with pytest.raises(aw.AuthwrightError):
                verifier.verify(token[:-8] + "AAAAAAAA", NOW)

    hammer(work)


def test_more_headers_than_a_verifier_remembers(secret: aw.Key) -> None:
    verifier = aw.Verifier(secret)
    signers = [aw.Signer(secret, headers={"n": number}, lifetime=60) for number in range(40)]
    tokens = [signer.sign({"n": number}, NOW) for number, signer in enumerate(signers)]

    def work(number: int) -> None:
        for turn in range(400):
            which = (number * 7 + turn) % len(tokens)
            verified = verifier.verify(tokens[which], NOW)
            assert verified.claims["n"] == verified.header["n"] == which

    hammer(work)


def test_keys_made_in_many_threads() -> None:
    def work(number: int) -> None:
        for alg in ("ES256", "EdDSA", "HS256"):
            key = aw.Key.generate(alg, kid=str(number))
            token = aw.Signer(key, lifetime=60).sign({}, NOW)
            again = aw.Key.from_jwk(key.to_jwk(private=True))
            assert aw.Verifier(again).verify(token, NOW).header["kid"] == str(number)

    hammer(work)


def test_one_token_read_in_many_threads(verifier: aw.Verifier, token: str) -> None:
    for _ in range(50):
        verified = verifier.verify(token, NOW)
        headers: list[object] = []
        hammer(lambda _: headers.append(verified.header))  # noqa: B023
        assert all(header is headers[0] for header in headers)


def test_slow_work_lets_other_threads_run() -> None:
    """An RSA key of 4096 bits takes long: another thread counts meanwhile."""
    counted = 0
    done = threading.Event()

    def count() -> None:
        nonlocal counted
        while not done.is_set():
            counted += 1

    thread = threading.Thread(target=count)
    thread.start()
    before = counted
    aw.Key.generate("RS256", bits=4096)
    during = counted - before
    done.set()
    thread.join()
    assert during > 10_000
