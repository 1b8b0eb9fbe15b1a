"""The scenarios in tests/scenarios, which every front end must end alike: its README says what they are."""

import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

TESTS = pathlib.Path(__file__).parent
SCENARIOS = TESTS.parents[2] / "tests" / "scenarios"


def unsupported(runner: str, client: str) -> set[str]:
    """Plays the scenarios: those that the client cannot do."""
    command = [sys.executable, SCENARIOS / runner, "--", sys.executable, TESTS / "agent.py", client]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    said = ended.stdout + ended.stderr
    if "SKIPPED" in said and os.environ.get("AW_REQUIRE_ALL") != "1":
        pytest.skip(said)
    assert ended.returncode == 0, said
    return set(re.findall("^unsupported (.*?):", said, re.MULTILINE))


Plays = dict[tuple[str, str], Future[set[str]]]


@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest) -> Iterator[Plays]:
    """The plays that were asked for. What they do most is wait, so that two go on at a time."""
    runners = {
        "test_scenarios": "run.py",
        "test_scenarios_of_logins": "run_logins.py",
        "test_scenarios_of_api_keys": "run_api_keys.py",
    }
    mine = [
        item for item in request.session.items if isinstance(item, pytest.Function) and item.module is request.module
    ]
    chosen = [(runners[item.originalname], item.callspec.params["client"]) for item in mine]
    with ThreadPoolExecutor(2) as pool:
        yield {play: pool.submit(unsupported, *play) for play in chosen}


@pytest.mark.parametrize("client", ["blocking", "built-in", "httpx", "aiohttp"])
def test_scenarios(plays: Plays, client: str) -> None:
    # The time-outs and proxies of a host's client are its own.
    lacking = set() if client in ("blocking", "built-in") else {"http-timeout"}
    assert plays["run.py", client].result() == lacking


@pytest.mark.parametrize("client", ["blocking", "built-in", "httpx", "aiohttp"])
def test_scenarios_of_logins(plays: Plays, client: str) -> None:
    # Threads are not cancelled, and of a host's client nobody knows which certificate it has.
    certificates = {"oidc-client-tls_client_auth", "oidc-client-self_signed_tls_client_auth", "oidc-wrong-certificate"}
    lacking = {"blocking": {"manager-cancelled"}, "built-in": set(), "httpx": certificates, "aiohttp": certificates}
    assert plays["run_logins.py", client].result() == lacking[client]


@pytest.mark.parametrize("client", ["blocking", "built-in"])
def test_scenarios_of_api_keys(plays: Plays, client: str) -> None:
    assert plays["run_api_keys.py", client].result() == set()
