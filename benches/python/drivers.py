"""What the drivers cost: a new RemoteKeySet and its fetch, against the same request alone by the same client.

    drivers.py JWKS_URI

One process, one connection that is kept, wall time of every call, in turns. Raw results as JSON on standard output.
"""

import asyncio
import http.client
import json
import os
import sys
import time
import urllib.parse

import aiohttp
import authwright as aw
import httpx

ROUNDS = int(os.environ.get("AW_BENCH_ROUNDS", "101"))
CALLS = 10


async def contest(name, contestants):
    """`contestants`: name, whether it is ours, and what to await."""
    samples = {title: [] for title, _, _ in contestants}
    for turn in range(ROUNDS + 5):
        for title, _, call in contestants:
            start = time.perf_counter_ns()
            for _ in range(CALLS):
                await call()
            # The first rounds warm up.
            if turn >= 5:
                samples[title].append((time.perf_counter_ns() - start) / CALLS)
    rows = [{"name": title, "ours": ours, "calls": CALLS, "ns": samples[title]} for title, ours, _ in contestants]
    return {"name": name, "contestants": rows}


def ours(url, client):
    async def fetch():
        await aw.AsyncVerifier(aw.RemoteKeySet(jwks_uri=url), client=client, audience="api").refresh()

    return fetch


async def main(url):
    groups = []
    parts = urllib.parse.urlsplit(url)
    connection, built_in = http.client.HTTPConnection(parts.hostname, parts.port), aw.HttpClient()

    async def alone():
        connection.request("GET", parts.path, headers={"Accept": "application/json"})
        connection.getresponse().read()

    async def blocking():
        aw.RemoteKeySet(jwks_uri=url, http=built_in).refresh()

    peer = ("http.client, the request alone", False, alone)
    mine = ("authwright, built-in client, blocking", True, blocking)
    groups.append(await contest("keys fetched, Python, blocking", [peer, mine]))

    async with httpx.AsyncClient() as client:

        async def alone():
            (await client.get(url)).read()

        pair = [("httpx, the request alone", False, alone), ("authwright over httpx", True, ours(url, client))]
        groups.append(await contest("keys fetched, Python, httpx", pair))

    async with aiohttp.ClientSession() as client:

        async def alone():
            async with client.get(url) as answer:
                await answer.read()

        pair = [("aiohttp, the request alone", False, alone), ("authwright over aiohttp", True, ours(url, client))]
        groups.append(await contest("keys fetched, Python, aiohttp", pair))
    json.dump(groups, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
