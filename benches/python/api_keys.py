"""What a check of an API key costs in Python on each store, one after another: wall time.

    api_keys.py STORE...

Prints the nanoseconds as a JSON list.
"""

import json
import statistics
import sys
import time

import authwright as aw

KEYS = 100
# How long each figure is measured, in seconds.
DURATION = 1.5
CALLS = 50


def main():
    print(json.dumps([check(url) for url in sys.argv[1:]]))


def check(url):
    """The median of samples of some calls. The first check of a key writes down its use, and is not measured."""
    with aw.ApiKeys(url, prefix="acme", environment="live", peppers=[b"7" * 32]) as keys:
        secrets = [keys.issue("many", scopes=["invoices:read", "invoices:write"]).secret for _ in range(KEYS)]
        for secret in secrets:
            keys.verify(secret)
        samples = []
        until = time.perf_counter() + DURATION
        while time.perf_counter() < until:
            turn = secrets[:CALLS] if len(samples) % 2 else secrets[CALLS:]
            begun = time.perf_counter_ns()
            for secret in turn:
                keys.verify(secret)
            samples.append((time.perf_counter_ns() - begun) / len(turn))
        return statistics.median(samples)


if __name__ == "__main__":
    main()
