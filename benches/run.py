#!/usr/bin/env python3
"""Builds, runs and reports the benchmarks: `make bench`.

    benches/run.py [rust] [c] [python] [node] [footprint] [simulation] [drivers] [api_keys]
                                                              all of them if none is named

Needs what `make build` leaves, and the network once, for the peers. Everything is set up under target/bench. The raw
figures are kept there, one file a language; the report is written to benches/RESULTS.md from all the raw files that are
there. The report tells which goals are met; it never fails because one is missed.

AW_BENCH_ROUNDS (101) and AW_BENCH_SAMPLE_US set the effort; AW_SOAK=0 leaves out the ten million calls. AW_BENCH_KEYS
(1,000,000) is how many API keys a store is filled with, and AW_BENCH_REDIS a Redis server to write to: without it, one is
started.
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import report

ROOT = pathlib.Path(__file__).resolve().parents[1]
BENCHES = ROOT / "benches"
WORK = ROOT / "target" / "bench"
CARGO_TARGET = WORK / "cargo"
LIBRARY = ROOT / "target" / "release"
PARTS = ("rust", "c", "python", "node", "footprint", "simulation", "drivers", "api_keys")


def main():
    wanted = sys.argv[1:] or PARTS
    if unknown := set(wanted) - set(PARTS):
        sys.exit(f"bench: there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    os.environ.setdefault("AW_SOAK", "1")
    WORK.mkdir(parents=True, exist_ok=True)
    prepared = {part: globals()[f"prepare_{part}"]() for part in wanted}
    for part, commands in prepared.items():
        if commands is None:
            continue
        say(f"measuring {part}")
        if part == "footprint":
            raw = footprint(commands)
        elif part == "drivers":
            raw = {"groups": drivers(), "event_loop": event_loop()}
        elif part == "api_keys":
            raw = api_keys(commands)
        else:
            raw = json.loads(measured(commands))
            if part == "c":
                raw["versions"] = {name: version_of(name) for name in ("libjwt", "cjose")}
        (WORK / f"{part}.json").write_text(json.dumps(raw))
    found = {part: json.loads(file.read_text()) for part in PARTS if (file := WORK / f"{part}.json").exists()}
    (BENCHES / "RESULTS.md").write_text(report.written(found))
    say("written: benches/RESULTS.md")
    print(report.goals_as_text(found))


def prepare_rust():
    run(["cargo", "build", "--release", "--bins", "--target-dir", CARGO_TARGET], cwd=BENCHES / "rust")
    os.environ["AW_BENCH_LIBRARY"] = str(LIBRARY / "libauthwright.so")
    return [CARGO_TARGET / "release" / "authwright-benches"]


def prepare_c():
    if subprocess.run(["pkg-config", "--exists", "libjwt", "cjose", "jansson"], check=False).returncode != 0:
        skip("c", "apt-get install libjwt-dev libcjose-dev libjansson-dev")
        return None
    flags = subprocess.check_output(["pkg-config", "--cflags", "--libs", "libjwt", "cjose"], text=True).split()
    sources = [BENCHES / "c" / name for name in ("bench.c", "contest.c")]
    mine = [f"-I{ROOT / 'include'}", f"-L{LIBRARY}", "-lauthwright", f"-Wl,-rpath,{LIBRARY}"]
    program = WORK / "bench-c"
    cc = os.environ.get("CC", "cc")
    run([cc, "-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", *sources, "-o", program, *mine, *flags])
    return [program, BENCHES / "claims.json"]


def prepare_python():
    python = python_with_peers()
    if python is None:
        skip("python", "needs Python 3.12 or newer on the PATH or in pyenv, for ryjwt")
        return None
    return [python, BENCHES / "python" / "bench.py", bare_primitives(), *python_builds(python).values()]


def prepare_node():
    peers = node_peers()
    if peers is None:
        skip("node", "needs npm")
        return None
    script = BENCHES / "node" / "bench.mjs"
    return ["node", "--expose-gc", script, bare_primitives(), ROOT / "bindings" / "node", peers]


def prepare_simulation():
    prepare_rust()
    return [CARGO_TARGET / "release" / "simulation"]


def prepare_drivers():
    """The packages as `make build` leaves them, httpx and aiohttp from the tests' tools, and the tests' servers."""
    run([ROOT / "bindings" / "python" / "develop.sh", "--test-tools"], cwd=ROOT)
    sys.path.insert(0, str(ROOT / "tests" / "servers"))
    return []


def drivers():
    """Each driver against its own client alone, with an issuer in another process."""
    import servers

    with servers.hostile() as hostile:
        url = hostile.new().jwks_uri
        python = [ROOT / "target" / "venv" / "bin" / "python", BENCHES / "python" / "drivers.py", url]
        node = ["node", BENCHES / "node" / "drivers.mjs", ROOT / "bindings" / "node", url]
        raw = [subprocess.check_output([str(part) for part in command]) for command in (python, node)]
    return [group for output in raw for group in json.loads(output)]


def event_loop():
    """How long Node's event loop is kept from turning, under each load."""
    command = ["node", ROOT / "bindings" / "node" / "test" / "event-loop.mjs", "3"]
    output = subprocess.check_output([str(part) for part in command], text=True)
    return [json.loads(line) for line in output.splitlines()]


def prepare_api_keys():
    """The bin that fills the stores, and a program that takes the stores' URLs for each front end."""
    prepare_rust()
    run([ROOT / "bindings" / "python" / "develop.sh"], cwd=ROOT)
    sys.path.insert(0, str(ROOT / "tests" / "servers"))
    program = WORK / "api-keys-c"
    mine = [f"-I{ROOT / 'include'}", f"-L{LIBRARY}", "-lauthwright", f"-Wl,-rpath,{LIBRARY}"]
    cc = os.environ.get("CC", "cc")
    source = BENCHES / "c" / "api_keys.c"
    run([cc, "-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", source, "-o", program, *mine])
    return {
        "Rust": [CARGO_TARGET / "release" / "api_keys"],
        "C": [program],
        "Python": [ROOT / "target" / "venv" / "bin" / "python", BENCHES / "python" / "api_keys.py"],
        "Node": ["node", BENCHES / "node" / "api-keys.mjs", ROOT / "bindings" / "node"],
    }


def api_keys(commands):
    """Not held to one core: a server has its own, and the checks of a second are by two threads."""
    with redis() as url, tempfile.TemporaryDirectory() as folder:
        environment = os.environ | ({"AW_BENCH_REDIS": url} if url else {})
        rust, *others = commands.items()
        raw = json.loads(subprocess.check_output([str(part) for part in rust[1]], env=environment))
        raw["front_ends"] = {}
        for language, command in others:
            stores = {"memory": "memory:", "SQLite": f"sqlite:{folder}/{language}.db"} | ({"Redis": url} if url else {})
            output = subprocess.check_output([str(part) for part in [*command, *stores.values()]])
            raw["front_ends"][language] = dict(zip(stores, json.loads(output), strict=True))
        return raw


@contextlib.contextmanager
def redis():
    """The URL of a server that may be written to; none where there is no redis-server."""
    if url := os.environ.get("AW_BENCH_REDIS"):
        yield url
        return
    import redis_server

    if shutil.which("redis-server") is None:
        skip("api_keys on Redis", "apt-get install redis-server")
        yield None
        return
    with redis_server.single() as server:
        yield server.url


def prepare_footprint():
    """Commands that load one thing in a fresh process, by name."""
    commands = {"Python": {}, "Node": {}}
    if (python := python_with_peers()) is not None:
        script = BENCHES / "python" / "footprint.py"
        for name, folder in python_builds(python).items():
            commands["Python"][name] = [python, script, folder, "authwright"]
        for name, module in (("ryjwt", "ryjwt"), ("oxyjwt", "oxyjwt"), ("PyJWT", "jwt"), ("joserfc", "joserfc.jwt")):
            commands["Python"][name] = [python, script, "-", module]
    if (peers := node_peers()) is not None:
        script = BENCHES / "node" / "footprint.mjs"
        commands["Node"]["authwright"] = ["node", script, ROOT / "bindings" / "node", "."]
        for name in ("@node-rs/jsonwebtoken", "fast-jwt", "jose"):
            commands["Node"][name] = ["node", script, peers, name]
    return commands


def bare_primitives():
    """The shared object that holds the bare primitives, for Python and Node."""
    run(["cargo", "build", "--release", "--lib", "--target-dir", CARGO_TARGET], cwd=BENCHES / "rust")
    return CARGO_TARGET / "release" / "libbare_primitives.so"


def python_with_peers():
    """A Python 3.12 or newer in an environment of its own, with the peers."""
    environment = WORK / "venv"
    python = environment / "bin" / "python"
    requirements = BENCHES / "python" / "requirements.txt"
    stamp = environment / "requirements.txt"
    if stamp.exists() and stamp.read_text() == requirements.read_text():
        return python
    found = python_312()
    if found is None:
        return None
    say("installing the Python peers")
    run([found, "-m", "venv", "--clear", environment])
    run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements])
    shutil.copy(requirements, stamp)
    return python


def python_312():
    """A real interpreter, at least 3.12: the one that runs this, one on the PATH, or one of pyenv's."""
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv")) / "versions"
    candidates = [sys.executable, *(f"python3.{minor}" for minor in (12, 13, 14))]
    candidates += sorted(pyenv.glob("3.1[2-9]*/bin/python3"))
    for candidate in candidates:
        asked = "import sys; print(sys.executable if sys.version_info >= (3, 12) else '')"
        try:
            done = subprocess.run([candidate, "-c", asked], capture_output=True, text=True, check=False)
        except OSError:
            continue
        if done.returncode == 0 and done.stdout.strip():
            return done.stdout.strip()
    return None


def python_builds(python):
    """Our package as a folder, built for this interpreter and as the portable wheel would be."""
    package = ROOT / "bindings" / "python" / "python" / "authwright"
    tag = subprocess.check_output(
        [python, "-c", "import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))"], text=True
    ).strip()
    builds = {}
    for name, features, suffix in (("authwright", [], tag), ("authwright, abi3", ["--features", "abi3"], ".abi3.so")):
        environment = {**os.environ, "PYO3_PYTHON": str(python)}
        command = ["cargo", "build", "--release", "--package", "authwright-python", "--target-dir", CARGO_TARGET]
        run([*command, *features], cwd=ROOT, env=environment)
        folder = WORK / name.replace(", ", "-")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(package, folder / "authwright", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
        built = CARGO_TARGET / "release" / "libauthwright_python.so"
        shutil.copy(built, folder / "authwright" / f"_core{suffix}")
        # pip compiles what it installs, the peers too. Where PYTHONDONTWRITEBYTECODE is set, no import ever would.
        run([python, "-m", "compileall", "-q", folder / "authwright"])
        builds[name] = folder
    return builds


def node_peers():
    """A folder whose node_modules holds the Node peers."""
    if shutil.which("npm") is None:
        return None
    folder = WORK / "node"
    lock = BENCHES / "node" / "package-lock.json"
    stamp = folder / "node_modules" / "installed-from.json"
    if not (stamp.exists() and stamp.read_text() == lock.read_text()):
        say("installing the Node peers")
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(BENCHES / "node" / name, folder)
        # Not `npm ci`: it refuses a lock file without the optional packages of platforms that a registry lacks.
        run(["npm", "install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder)
        shutil.copy(lock, stamp)
    return folder


def footprint(commands):
    """The best of fresh processes, since a busy machine only adds, and the sizes of what is shipped."""
    times = 21
    loads = {}
    for language, contestants in commands.items():
        for name, command in contestants.items():
            samples = [json.loads(subprocess.check_output([str(part) for part in command])) for _ in range(times)]
            best = {unit: min(sample[unit] for sample in samples) for unit in ("ms", "kib")}
            loads.setdefault(language, {})[name] = best
    sizes = {}
    for label, file in {
        "libauthwright.so": LIBRARY / "libauthwright.so",
        "libauthwright.a": LIBRARY / "libauthwright.a",
        "Python module": WORK / "authwright" / "authwright",
        "Node addon": ROOT / "bindings" / "node",
    }.items():
        files = [file] if file.is_file() else [*file.glob("_core*.so"), *file.glob("*.node")]
        if files and files[0].is_file():
            sizes[label] = files[0].stat().st_size
    return {"loads": loads, "sizes": sizes}


def measured(command):
    """Runs a benchmark, held to one core where the system can, and gives its standard output."""
    pin = ["taskset", "-c", str(max(os.sched_getaffinity(0)))] if shutil.which("taskset") else []
    return subprocess.check_output([str(part) for part in [*pin, *command]], text=True)


def version_of(library):
    return subprocess.check_output(["pkg-config", "--modversion", library], text=True).strip()


def run(command, **options):
    subprocess.run([str(part) for part in command], check=True, **options)


def skip(part, why):
    say(f"SKIPPED {part}: {why}")
    if os.environ.get("AW_REQUIRE_ALL") == "1":
        sys.exit(1)


def say(line):
    print(f"bench: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
