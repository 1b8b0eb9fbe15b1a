"""After a fork: plain, through multiprocessing, and as gunicorn does it with --preload."""

import asyncio
import contextlib
import http.client
import multiprocessing
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator

import pytest
from conftest import ISSUER, NOW
from issuer import Issuer

import authwright as aw

APPLICATION = pathlib.Path(__file__).with_name("gunicorn_application.py")


def in_children(count: int, work: Callable[[], object]) -> None:
    """Runs `work` in forked children at the same time, which must end well."""
    children = []
    for _ in range(count):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                work()
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * count


@pytest.mark.parametrize("alg", ["HS256", "RS256", "ES256", "EdDSA"])
def test_objects_made_before_the_fork(alg: str) -> None:
    key = aw.Key.generate(alg)
    signer, verifier = aw.Signer(key, lifetime=60), aw.Verifier(key)
    token = signer.sign({"sub": "parent"}, NOW)
    verified = verifier.verify(token, NOW)

    def work() -> None:
        assert verified.header["alg"] == alg
        assert verified.claims["sub"] == "parent"
        assert verifier.verify(token, NOW).claims == verified.claims
        assert verifier.verify(signer.sign({"sub": "child"}, NOW), NOW).claims["sub"] == "child"
        with pytest.raises(aw.SignatureInvalidError):
            verifier.verify(aw.Signer(aw.Key.generate(alg), lifetime=60).sign({}, NOW), NOW)

    for _ in range(3):
        in_children(1, work)
    assert verifier.verify(token, NOW).claims["sub"] == "parent"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python 3.12 warns of a fork while threads run")
def test_a_fork_while_other_threads_verify(verifier: aw.Verifier, token: str) -> None:
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            verifier.verify(token, NOW)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            in_children(1, lambda: [verifier.verify(token, NOW) for _ in range(100)])
    finally:
        done.set()
        for thread in threads:
            thread.join()


def generated(number: int) -> str:
    return aw.Key.generate("ES256", kid=str(number)).thumbprint() + aw.Key.generate("HS256").thumbprint()


def test_children_draw_different_randomness() -> None:
    with multiprocessing.get_context("fork").Pool(4) as pool:
        keys = pool.map(generated, range(16), chunksize=1)
    assert len(set(keys)) == 16


@contextlib.contextmanager
def gunicorn(folder: pathlib.Path, **environment: str) -> Iterator[tuple[int, int]]:
    """The application under gunicorn with --preload: the port, and the master's process."""
    pytest.importorskip("gunicorn")
    log = folder / "log"
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "--preload", "--workers=2", "--threads=4"]
    command += [
        "--bind=127.0.0.1:0",
        f"--chdir={APPLICATION.parent}",
        "--no-control-socket",
        f"{APPLICATION.stem}:application",
    ]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, stdout=output, stderr=output, env={**os.environ, **environment, "HOME": str(folder)}
        )
    try:
        yield listening(server, log), server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0, log.read_text()


def attack(port: int, sign: Callable[[str], str], refusal: str = "ERR_SIGNATURE_INVALID") -> tuple[set[str], list[str]]:
    """Sends good and forged tokens from many threads: which workers answered, and which answers were wrong."""
    workers: set[str] = set()
    lock = threading.Lock()
    failures: list[str] = []

    def client(number: int) -> None:
        for turn in range(25):
            subject = f"{number}-{turn}"
            status, body = get(port, sign(subject))
            worker, _, said = body.partition(" ")
            forged = get(port, sign(subject)[:-8] + "AAAAAAAA")
            with lock:
                workers.add(worker)
                if (status, said) != (200, subject) or forged != (401, refusal):
                    failures.append(f"{status} {body} {forged}")

    threads = [threading.Thread(target=client, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return workers, failures


def test_gunicorn_with_preload(tmp_path: pathlib.Path) -> None:
    key = aw.Key.generate("RS256", kid="preloaded")
    keys = tmp_path / "keys.json"
    keys.write_text(aw.KeySet([key]).to_json())
    signer = aw.Signer(key, issuer=ISSUER, audience="api", lifetime=60)
    with gunicorn(tmp_path, KEYS=str(keys)) as (port, master):
        workers, failures = attack(port, lambda subject: signer.sign({"sub": subject}))
    assert not failures, failures[:3]
    assert 1 <= len(workers) <= 2
    assert str(master) not in workers


def test_gunicorn_with_preload_and_an_issuer(tmp_path: pathlib.Path, issuer: Issuer) -> None:
    """The master fetched the keys. After a rotation each worker fetches them, once for all of its threads."""
    with gunicorn(tmp_path, ISSUER=issuer.url, TOKEN=issuer.token()) as (port, master):
        assert get(port, issuer.token(sub="first"))[1].endswith(" first")
        assert issuer.fetches() == 1
        # A cooldown is up to a quarter longer.
        time.sleep(1.3)
        issuer.rotate()
        workers, failures = attack(port, lambda subject: issuer.token(sub=subject))
    assert not failures, failures[:3]
    assert str(master) not in workers
    assert issuer.fetches() == 1 + len(workers)


def test_gunicorn_with_preload_and_api_keys(tmp_path: pathlib.Path) -> None:
    """The workers share an SQLite file, which the master has not opened yet, with this process."""
    url, pepper = f"sqlite:{tmp_path / 'keys.db'}", "what only these processes know, all of them"
    keys = aw.ApiKeys(url, prefix="acme", environment="live", peppers=pepper.encode())

    def sign(subject: str) -> str:
        return keys.issue(subject, scopes="read", timeout=20).secret

    with gunicorn(tmp_path, STORE=url, PEPPER=pepper) as (port, master):
        workers, failures = attack(port, sign, "ERR_API_KEY_INVALID")
    assert not failures, failures[:3]
    assert str(master) not in workers
    assert len(keys.list("0-0").keys) == 2
    keys.close()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_children_fetch_for_themselves(issuer: Issuer) -> None:
    keys = aw.RemoteKeySet(issuer=issuer.url, cooldown=1)
    verifier = aw.Verifier(keys, audience="api")
    verifier.verify_fetching(issuer.token())
    issuer.rotate()
    token = issuer.token()
    # A cooldown is up to a quarter longer.
    time.sleep(1.3)

    def work() -> None:
        barrier = threading.Barrier(4)

        def verify() -> None:
            barrier.wait()
            ends.append(verifier.verify_fetching(token).claims["sub"])

        ends: list[str] = []
        threads = [threading.Thread(target=verify) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert ends == ["alice"] * 4
        asyncio.run(aw.AsyncVerifier(keys, audience="api").verify_fetching(token))

    in_children(8, work)
    assert issuer.fetches() == 1 + 8
    assert verifier.verify_fetching(token).claims["sub"] == "alice"
    assert issuer.fetches() == 2 + 8


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_while_the_parent_fetches(issuer: Issuer) -> None:
    verifier = aw.Verifier.discover(issuer.url, audience="api")
    token, issuer.delay = issuer.token(), 1
    ends: list[str] = []
    threads = [
        threading.Thread(target=lambda: ends.append(verifier.verify_fetching(token).claims["sub"])) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    issuer.wait_for(1)
    issuer.delay = 0
    begun = time.monotonic()
    # The child waits for nobody, and neither spends nor ends what its parent is doing.
    in_children(4, lambda: verifier.verify_fetching(token))
    assert time.monotonic() - begun < 0.8
    for thread in threads:
        thread.join()
    assert ends == ["alice"] * 4
    assert issuer.fetches() == 1 + 4


def listening(server: "subprocess.Popen[bytes]", log: pathlib.Path) -> int:
    """The port that gunicorn's log names, once it does."""
    for _ in range(300):
        if found := re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", log.read_text()):
            return int(found[1])
        assert server.poll() is None, log.read_text()
        threading.Event().wait(0.1)
    pytest.fail(f"gunicorn did not start: {log.read_text()}")


def get(port: int, token: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/", headers={"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()
