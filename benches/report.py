"""The benchmarks' report: tables of medians and ratios, and the goals."""

import datetime
import platform
import statistics

ALGORITHMS = ("HS256", "RS256", "ES256", "EdDSA")
LANGUAGES = {"rust": "Rust", "c": "C", "python": "Python", "node": "Node"}
BARE = {
    "HS256": "bare HMAC-SHA-256, prepared (RustCrypto)",
    "RS256": "bare RSA 2048, prepared (aws-lc-rs)",
    "ES256": "bare ECDSA P-256, prepared (aws-lc-rs)",
    "EdDSA": "bare Ed25519, prepared (aws-lc-rs)",
}
INTRODUCTION = """\
Written by `make bench`. Times are thread-CPU nanoseconds per call (in Node, where a thread's own time cannot be had, the
process's), the median of interleaved rounds in one process per language; a ratio is the median of the rounds' ratios.
Absolute figures move from machine to machine; ratios hold much better. Every contestant signs and reads the same 331
bytes of claims (479 bytes of signing input) and checks signature, issuer, audience, expiry and not-before; every key is
prepared beforehand where its library can. The bare primitives sign and read as many bytes; Python and Node run
them from a shared object that makes all the calls of a sample in one."""
DRIVERS = """\
A new RemoteKeySet and its fetch from a server on this machine, over a connection that is kept, against the same request
alone by the same client: wall time, the server's included."""
EVENT_LOOP = """\
How long Node's event loop was kept from turning (`perf_hooks.monitorEventLoopDelay`, milliseconds) while it verified
tokens in batches of four without a pause, and did beside that what the row says."""
SIMULATION = """\
Verifiers of one issuer on virtual time (`benches/rust/src/bin/simulation.rs`). Keys live ten minutes; a good token comes to
each verifier every minute. The issuer rotates its key in minute 30 and signs with the new one at once; refuses
connections from minute 60, keeps silent from 90, is back in 120; from 140 to 150 a token with an invented key id
comes to each verifier every two seconds, and in 145 the issuer rotates its key again. A good token that comes while
the issuer answered less than a cooldown ago, without its key, gets no verdict then (`ERR_KEYS_NEEDED`, a 503). One in
twenty senders hangs up while its token waits for keys; the fetch that goes on in its place is the same one."""
API_KEYS = """\
Wall time of one call after another, the median of 1.5 seconds of them, in Rust (`benches/rust/src/bin/api_keys.rs`) where
the row does not say otherwise; in Node each is awaited. Up to two thousand keys of those that there are take turns. Each
was checked before: the first check of a key in an hour also writes down its use. A check is two HMACs, of the key and of
its record, and a read of the store; SQLite's file and the Redis server are on the same machine. Bytes per key are those
of the process, the file or the server."""
FLAT = 1.5
JSONWEBTOKEN = "jsonwebtoken 11.1 (aws_lc_rs), typed claims"


def written(found):
    """The whole report as Markdown."""
    parts = [
        "# What it costs",
        INTRODUCTION,
        machine(found),
        "## Goals",
        goals_table(found),
    ]
    if doubtful := list(too_short(found)):
        parts.append("**Not to be relied on**, the samples were too short: " + "; ".join(doubtful) + ".")
    for part, language in LANGUAGES.items():
        if part in found:
            parts += [f"## {language}", *(group_table(group, part) for group in found[part]["groups"])]
    if "footprint" in found:
        parts += ["## Footprint", footprint_tables(found["footprint"])]
    if "drivers" in found:
        parts += ["## Drivers", DRIVERS, *(group_table(group, "drivers") for group in found["drivers"]["groups"])]
        parts += [EVENT_LOOP, event_loop_table(found["drivers"]["event_loop"])]
    if "simulation" in found:
        parts += ["## Simulation", SIMULATION, simulation_table(found["simulation"])]
    if "api_keys" in found:
        parts += ["## API keys", API_KEYS, api_keys_table(found["api_keys"])]
    soaks = soak_table(found)
    if soaks:
        parts += ["## Memory over very many calls", soaks]
    return "\n\n".join(parts) + "\n"


def goals_as_text(found):
    """The goals for a terminal."""
    lines = []
    for goal, figure, verdict in goals(found):
        lines.append(f"  {verdict:<7} {figure:>16}   {goal}")
    lines += [f"  NOT TO BE RELIED ON, too short: {name}" for name in too_short(found)]
    return "\n".join(lines)


def machine(found):
    versions = {}
    for raw in found.values():
        versions.update(raw.get("versions", {}))
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"{datetime.date.today().isoformat()}, {processor()}. {listed}."


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            model = next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
        with open("/proc/cpuinfo") as file:
            flags = next(set(line.split(":", 1)[1].split()) for line in file if line.startswith("flags"))
    except (OSError, StopIteration):
        return platform.machine()
    having = [name for name, flag in (("SHA-NI", "sha_ni"), ("AVX-512 IFMA", "avx512ifma")) if flag in flags]
    return f"{platform.machine()}, {model}" + (f" ({', '.join(having)})" if having else "")


def contestants(found, part, group):
    """The contestants of a group of a language, by name."""
    for candidate in found.get(part, {}).get("groups", []):
        if candidate["name"] == group:
            return {contestant["name"]: contestant for contestant in candidate["contestants"]}
    return {}


def too_short(found):
    """Contestants whose samples took far less time than the others': few calls, and so mostly noise and cold caches."""
    for part, language in LANGUAGES.items():
        for group in found.get(part, {}).get("groups", []):
            samples = {one["name"]: one["calls"] * median(one) for one in group["contestants"]}
            usual = statistics.median(samples.values())
            yield from (f"{language} {group['name']}, {name}" for name, took in samples.items() if took < usual / 4)


def ratio(left, right):
    """How many times `right` `left` costs: the median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(left["ns"], right["ns"]) if b > 0)


def median(contestant):
    return statistics.median(contestant["ns"])


def nanoseconds(value):
    return f"{value:,.0f}".replace(",", " ")


def group_table(group, part):
    """One contest: each contestant's time, as a multiple of the first bare primitive, and against ours."""
    everyone = group["contestants"]
    base = next((one for one in everyone if one["name"].startswith("bare")), None)
    ours = next(one for one in everyone if one["ours"])
    names = ["ns"] + (["x bare"] if base else []) + ["x authwright"]
    lines = [f"| {group['name']} | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
    for one in everyone:
        cells = [nanoseconds(median(one))]
        cells += [f"{ratio(one, base):.2f}"] if base else []
        cells += [f"{ratio(one, ours):.2f}"]
        name = f"**{one['name']}**" if one["ours"] else one["name"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def goals(found):
    """Each goal: what it asks, the figure, and whether it is met."""
    yield from rust_goals(found)
    yield from c_goals(found)
    yield from python_goals(found)
    yield from node_goals(found)
    yield from footprint_goals(found)
    yield from simulation_goals(found)
    yield from api_keys_goals(found)
    yield from soak_goals(found)


def at_most(goal, limit, left, right):
    if left is None or right is None:
        return goal, "not measured", "?"
    figure = ratio(left, right)
    return f"{goal}: at most {limit}", f"{figure:.2f}", "met" if figure <= limit else "MISSED"


def times_as_fast(goal, limit, ours, theirs):
    if ours is None or theirs is None:
        return goal, "not measured", "?"
    figure = ratio(theirs, ours)
    return f"{goal}: at least {limit} times as fast", f"{figure:.2f}", "met" if figure >= limit else "MISSED"


def rust_goals(found):
    verify, sign = (contestants(found, "rust", f"HS256 {what}") for what in ("verify", "sign"))
    bare = BARE["HS256"]
    json_bytes = "authwright, claims as checked JSON bytes"
    yield at_most(
        "Rust HS256 verify, checked JSON bytes, of the bare HMAC", 2.5, verify.get(json_bytes), verify.get(bare)
    )
    typed = verify.get("authwright, typed claims, borrowed")
    yield at_most("Rust HS256 verify, typed claims, of the bare HMAC", 3.0, typed, verify.get(bare))
    peer = verify.get(f"{JSONWEBTOKEN}, owned")
    yield times_as_fast("Rust HS256 verify, typed claims, than jsonwebtoken", 2.3, typed, peer)
    yield at_most("Rust HS256 sign, of the bare HMAC", 1.8, sign.get("authwright, typed claims"), sign.get(bare))
    for algorithm in ALGORITHMS[1:]:
        verify, sign = (contestants(found, "rust", f"{algorithm} {what}") for what in ("verify", "sign"))
        yield at_most(
            f"Rust {algorithm} verify, of the bare primitive", 1.08, verify.get(json_bytes), verify.get(BARE[algorithm])
        )
        yield at_most(
            f"Rust {algorithm} sign, of the bare primitive",
            1.08,
            sign.get("authwright, typed claims"),
            sign.get(BARE[algorithm]),
        )
    for name in ("RS256 verify, keys of an issuer", "RS256 verify, keys of an issuer, two threads"):
        group = contestants(found, "rust", name)
        yield at_most(
            f"Rust {name}: at hand, of fixed ones",
            1.05,
            group.get("authwright, an issuer's keys at hand"),
            group.get("authwright, a fixed KeySet"),
        )


def c_goals(found):
    verify, sign = (contestants(found, "rust", f"HS256 {what}") for what in ("verify", "sign"))
    yield at_most(
        "C HS256 verify, of Rust (checked JSON bytes)",
        1.1,
        verify.get("authwright through its C library"),
        verify.get("authwright, claims as checked JSON bytes"),
    )
    yield at_most(
        "C HS256 sign, of Rust (JSON text)",
        1.1,
        sign.get("authwright through its C library, JSON text"),
        sign.get("authwright, claims as JSON text"),
    )
    for what in ("verify", "sign"):
        group = contestants(found, "c", f"HS256 {what}")
        for peer in ("libjwt", "cjose"):
            yield times_as_fast(f"C HS256 {what}, than {peer}", 7, group.get("authwright"), group.get(peer))


def python_goals(found):
    verify, sign = (contestants(found, "python", f"HS256 {what}") for what in ("verify", "sign"))
    for name, of_ryjwt, than_pyjwt in (("authwright", 0.85, 30), ("authwright, abi3 wheel", 1.2, 20)):
        yield at_most(f"Python HS256 verify, {name}, of ryjwt", of_ryjwt, verify.get(name), verify.get("ryjwt"))
        yield times_as_fast(
            f"Python HS256 verify, {name}, than PyJWT", than_pyjwt, verify.get(name), verify.get("PyJWT")
        )
    yield at_most("Python HS256 sign, of ryjwt", 1.0, sign.get("authwright"), sign.get("ryjwt"))
    yield from bare_goals(found, "python")


def node_goals(found):
    verify, sign = (contestants(found, "node", f"HS256 {what}") for what in ("verify", "sign"))
    ours = verify.get("authwright")
    yield times_as_fast("Node HS256 verify, than fast-jwt without its cache", 3.5, ours, verify.get("fast-jwt"))
    cached = verify.get("fast-jwt, answering from its cache")
    yield times_as_fast("Node HS256 verify, than fast-jwt's cache hit", 1, ours, cached)
    yield times_as_fast("Node HS256 sign, than fast-jwt", 2.5, sign.get("authwright"), sign.get("fast-jwt"))
    yield from bare_goals(found, "node")


def bare_goals(found, part):
    """The asymmetric verifications of a front end against the bare primitives of the core's provider."""
    for algorithm in ALGORITHMS[1:]:
        verify = contestants(found, part, f"{algorithm} verify")
        goal = f"{LANGUAGES[part]} {algorithm} verify, of the bare primitive"
        yield at_most(goal, 1.1, verify.get("authwright"), verify.get(BARE[algorithm]))


def footprint_goals(found):
    loads = found.get("footprint", {}).get("loads", {})
    for language, name, verb, limits in (
        ("Python", "authwright", "import authwright", {"ms": 5, "kib": 3 * 1024}),
        ("Node", "authwright", "require('authwright')", {"ms": 6}),
    ):
        load = loads.get(language, {}).get(name)
        for unit, limit in limits.items():
            goal = f"`{verb}` adds at most " + (f"{limit} ms" if unit == "ms" else f"{limit // 1024} MB")
            if load is None:
                yield goal, "not measured", "?"
                continue
            figure = f"{load['ms']:.1f} ms" if unit == "ms" else f"{load['kib'] / 1024:.1f} MB"
            yield goal, figure, "met" if load[unit] <= limit else "MISSED"


def soak_goals(found):
    for part, language in LANGUAGES.items():
        soak = found.get(part, {}).get("soak")
        goal = f"{language}: memory stays flat (within 1 MB) over very many calls"
        if not soak:
            yield goal, "not measured", "?"
            continue
        worst = max(result["grown_kib"] for result in soak.values())
        yield goal, f"{worst:+} KiB", "met" if worst <= 1024 else "MISSED"


def simulation_goals(found):
    result = found.get("simulation")
    asked = {
        "Simulation: at most one fetch per verifier and cooldown of 30 s: the shortest pause": (
            "shortest_pause_of_a_verifier_ms",
            lambda figure: figure >= result["cooldown_ms"],
            lambda figure: f"{figure / 1000:.1f} s",
        ),
        "Simulation: good tokens refused outside a spent cooldown: none": (
            "good_refused_outside_a_spent_cooldown",
            lambda figure: figure == 0,
            str,
        ),
        "Simulation: refreshes are spread: at most 2 % of the verifiers in any second of steady running": (
            "most_fetches_in_a_second",
            lambda figure: figure["steady"] <= result["verifiers"] * 0.02,
            lambda figure: f"{figure['steady'] / result['verifiers']:.1%}",
        ),
    }
    for goal, (name, is_met, shown) in asked.items():
        if result is None:
            yield goal, "not measured", "?"
        else:
            yield goal, shown(result[name]), "met" if is_met(result[name]) else "MISSED"


def api_keys_goals(found):
    result = found.get("api_keys", {})
    stores = {store["name"]: store["sizes"] for store in result.get("stores", [])}
    for name, limit, of in (
        ("memory", result.get("two_hmacs_ns", 0) + 2000, "two HMACs and 2 µs"),
        ("SQLite", 25_000, "25 µs"),
    ):
        # At every size, so the slowest of them.
        slowest = max((size["check_ns"] for size in stores.get(name, [])), default=None)
        goal = f"API keys: a check on {name}: at most {of}"
        if slowest is None:
            yield goal, "not measured", "?"
        else:
            yield goal, microseconds(slowest), "met" if slowest <= limit else "MISSED"
    for name in ("memory", "SQLite", "Redis"):
        goal = f"API keys: a check on {name} among the most keys, of that among 1 000: at most {FLAT}"
        sizes = stores.get(name, [])
        if len(sizes) < 2:
            yield goal, "not measured", "?"
            continue
        figure = sizes[-1]["check_ns"] / sizes[0]["check_ns"]
        yield goal, f"{figure:.2f}", "met" if figure <= FLAT else "MISSED"


def api_keys_table(result):
    stores = result["stores"]
    names = [store["name"] for store in stores]
    rows = [["the two HMACs alone", *[microseconds(result["two_hmacs_ns"])] * len(names)]]
    for sizes in zip(*(store["sizes"] for store in stores), strict=True):
        among = f"a check among {nanoseconds(sizes[0]['keys'])} keys"
        rows.append([among, *(microseconds(size["check_ns"]) for size in sizes)])
    for language, checks in result["front_ends"].items():
        rows.append([f"... in {language}, among 100", *(microseconds(checks[name]) for name in names)])
    rows += [
        ["checks a second, two threads", *(nanoseconds(store["checks_per_second"]) for store in stores)],
        ["a key issued", *(microseconds(store["issue_ns"]) for store in stores)],
        ["a list of 100 keys", *(microseconds(store["list_ns"]) for store in stores)],
        ["bytes per key", *(nanoseconds(store.get("bytes_per_key", 0)) for store in stores)],
    ]
    lines = [f"| API keys | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def microseconds(value):
    return f"{value / 1000:,.2f} µs".replace(",", " ")


def event_loop_table(loads):
    lines = ["| load | verifications a second | p50 | p99 | longest |", "|---|---:|---:|---:|---:|"]
    for load in loads:
        cells = [
            nanoseconds(load["verifications_per_second"]),
            *(f"{load[name]:.1f}" for name in ("p50", "p99", "max")),
        ]
        lines.append(f"| {load['load']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def simulation_table(result):
    rows = [
        ("verifiers", nanoseconds(result["verifiers"])),
        ("virtual time", f"{result['virtual_minutes']} minutes"),
        ("good tokens", nanoseconds(result["good_tokens"])),
        ("... refused outside a spent cooldown", nanoseconds(result["good_refused_outside_a_spent_cooldown"])),
        ("... without a verdict in a spent cooldown", nanoseconds(result["good_without_verdict_in_a_spent_cooldown"])),
        ("senders that hung up meanwhile", nanoseconds(result["cancelled"])),
        ("... that waited for a fetch", nanoseconds(result["good_that_waited"])),
        ("longest wait", f"{result['longest_wait_ms']} ms"),
        ("forged tokens", nanoseconds(result["forged_tokens"])),
        ("... accepted", nanoseconds(result["forged_accepted"])),
        ("fetches that the issuer sees", nanoseconds(result["fetches"])),
        ("shortest pause between two of one verifier", f"{result['shortest_pause_of_a_verifier_ms'] / 1000:.1f} s"),
    ]
    rows += [(f"fetches: {phase}", nanoseconds(count)) for phase, count in result["fetches_by_phase"].items()]
    most = result["most_fetches_in_a_second"].items()
    rows += [(f"most fetches in a second: {phase}", nanoseconds(count)) for phase, count in most]
    return "\n".join(["| | |", "|---|---:|", *(f"| {name} | {figure} |" for name, figure in rows)])


def goals_table(found):
    lines = ["| goal | measured | |", "|---|---:|---|"]
    lines += [f"| {goal} | {figure} | {verdict} |" for goal, figure, verdict in goals(found)]
    return "\n".join(lines)


def footprint_tables(footprint):
    tables = []
    for language, loads in footprint["loads"].items():
        verb = "import" if language == "Python" else "require"
        lines = [f"| {language}: {verb}, on top of the bare runtime, best of 21 | ms | MB |", "|---|---:|---:|"]
        for name, load in loads.items():
            shown = f"**{name}**" if name.startswith("authwright") else name
            lines.append(f"| {shown} | {load['ms']:.1f} | {load['kib'] / 1024:.1f} |")
        tables.append("\n".join(lines))
    lines = ["| file | MB |", "|---|---:|"]
    lines += [f"| {name} | {size / 1e6:.1f} |" for name, size in footprint["sizes"].items()]
    tables.append("\n".join(lines))
    return "\n\n".join(tables)


def soak_table(found):
    rows = []
    for part, language in LANGUAGES.items():
        for what, result in (found.get(part, {}).get("soak") or {}).items():
            rows.append(f"| {language} HS256 {what} | {nanoseconds(result['calls'])} | {result['grown_kib']:+} KiB |")
    return "\n".join(["| | calls | resident memory |", "|---|---:|---:|", *rows]) if rows else ""
