"""Keys that are fetched again in the background, before their time is over."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from issuer import Issuer

pytestmark = pytest.mark.skipif(sys.platform != "linux" or not shutil.which("cc"), reason="needs LD_PRELOAD, and cc")

# Moves the system's clock for one process. Whatever asks by way of libc is told so: Rust's clock and Python's.
CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static long ahead;

void advance_clock(long seconds) { ahead += seconds; }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *);
    *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, now);
    if (!failed && clock == CLOCK_REALTIME) now->tv_sec += ahead;
    return failed;
}
"""

# The keys live for 60 seconds: after 55 it is time to fetch them again.
BEGIN = """
import asyncio, ctypes, sys, threading, time
import authwright as aw

url, token, hook = sys.argv[1:]
advance = ctypes.CDLL(None).advance_clock
events = []
if hook == "hook":
    aw.on_event(lambda event: events.append((event["event"], threading.get_ident())))
"""

BLOCKING = """
verifier = aw.Verifier.discover(url, audience="api")
verifier.verify_fetching(token)
advance(55)
begun = time.monotonic()
for _ in range(50):
    verifier.verify_fetching(token)
# Nobody waits for it.
assert time.monotonic() - begun < 0.3
time.sleep(0.8)
verifier.verify_fetching(token)
time.sleep(0.1)
if events:
    assert events[1][1] != threading.get_ident()
print(len(events))
"""

AWAITED = """
async def main():
    verifier = aw.AsyncVerifier.discover(url, audience="api")
    await verifier.verify_fetching(token)
    advance(55)
    begun = time.monotonic()
    await asyncio.gather(*(verifier.verify_fetching(token) for _ in range(50)))
    assert time.monotonic() - begun < 0.3
    await asyncio.sleep(0.8)
    await verifier.verify_fetching(token)
    await asyncio.sleep(0.1)

asyncio.run(main())
print(len(events))
"""

# The thread that fetches is alone when the process ends, or is told to, or while the interpreter is taken down.
END = """
import atexit

class Slow:
    def __del__(self, sleep=time.sleep):
        sleep(0.4)

verifier = aw.Verifier.discover(url, audience="api")
verifier.verify_fetching(token)
advance(55)
verifier.verify_fetching(token)
print(len(events), flush=True)
"""

ENDS = ["", "atexit.register(time.sleep, 0.4)", "sys.slow = Slow()", "asyncio.slow = Slow()"]


@pytest.fixture(scope="session")
def clock(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("clock")
    (folder / "clock.c").write_text(CLOCK)
    command = ["cc", "-shared", "-fPIC", "-O1", "clock.c", "-o", "clock.so", "-ldl"]
    subprocess.run(command, check=True, cwd=folder, timeout=60)
    return folder / "clock.so"


@pytest.mark.parametrize("hook", ["hook", "none"])
@pytest.mark.parametrize("body", [BLOCKING, AWAITED], ids=["blocking", "awaited"])
def test_keys_are_fetched_before_their_time_is_over(clock: pathlib.Path, issuer: Issuer, body: str, hook: str) -> None:
    issuer.headers, issuer.delay = {"Cache-Control": "max-age=60"}, 0.3
    assert run(clock, issuer, body, hook) == ("2" if hook == "hook" else "0")
    assert issuer.fetches() == 2


@pytest.mark.parametrize("hook", ["hook", "none"])
@pytest.mark.parametrize("end", ENDS)
def test_a_process_may_end_meanwhile(clock: pathlib.Path, issuer: Issuer, end: str, hook: str) -> None:
    issuer.headers, issuer.delay = {"Cache-Control": "max-age=60"}, 0.2
    assert run(clock, issuer, END + end, hook) == ("1" if hook == "hook" else "0")
    issuer.wait_for(3)


def run(clock: pathlib.Path, issuer: Issuer, body: str, hook: str) -> str:
    command = [sys.executable, "-W", "error", "-c", BEGIN + body, issuer.url, issuer.token(), hook]
    environment = {**os.environ, "LD_PRELOAD": str(clock)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.strip()
