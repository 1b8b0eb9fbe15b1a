#!/usr/bin/env python3
"""Debian's redis-server: alone, with a password and TLS, as a primary with a replica and a Sentinel, as a Cluster.

    tests/servers/redis_server.py run [--tls] [--sentinel] [--cluster] -- command...
    tests/servers/redis_server.py serve [--tls | --sentinel | --cluster] [setting=value...]

`run` runs a command with a single server up, and those that are asked for. It finds in AW_TEST_REDIS, as JSON, what
they are: {"single": {"url": ...}, "tls": {...}, "sentinel": {...}, "cluster": {...}}. A Python program uses `single()`
and the like, or `running()`, which takes those of AW_TEST_REDIS where there are some.

`serve` starts one of them, says what it is in a line of JSON, and then does what it is told on its standard input, with
a line of JSON for each: `kill 0`, `start 0`, `stall 0`, `resume 0`, `call 0 ["CONFIG", "SET", ...]`. It ends with it.

Every server listens on a free port of 127.0.0.1, keeps its files in a folder of its own, and ends, with its folder,
when the program that started it does.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

VARIABLE = "AW_TEST_REDIS"
PASSWORD = "a password: 100% +odd/&@ long"
ENCODED_PASSWORD = "a%20password%3A%20100%25%20%2Bodd%2F%26%40%20long"
SLOTS = 16384

# Ends the server with the program, whose death closes stdin.
KEEPER = """
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
(read -r _ <&3; trap "" TERM; kill -9 $server; rm -rf "$FOLDER") 2>/dev/null &
reader=$!
wait $server
kill $reader 2>/dev/null
"""


class Unavailable(Exception):
    """A tool that a server needs is missing: the tests skip, or fail under AW_REQUIRE_ALL=1."""


class Answered(Exception):
    """The server answered with an error."""


def _needs(*tools):
    for tool in tools:
        if shutil.which(tool) is None:
            raise Unavailable(f"there is no {tool}")


def _free_ports(count):
    with contextlib.ExitStack() as held:
        listeners = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]


def _new_folder():
    return pathlib.Path(tempfile.mkdtemp(prefix="authwright-redis-"))


class Server:
    """One process. `settings` is what is in its configuration beside what all have."""

    def __init__(self, port, settings, sentinel=False, folder=None):
        self.port = port
        self.password = settings.get("requirepass")
        self.folder = folder or _new_folder()
        common = {"port": port, "bind": "127.0.0.1", "dir": self.folder, "logfile": self.folder / "log"}
        if not sentinel:
            common |= {"save": "", "appendonly": "no"}
        lines = [f"{name} {value or _quoted('')}" for name, value in (common | settings).items()]
        (self.folder / "redis.conf").write_text("\n".join(line for entry in lines for line in entry.split("\n")) + "\n")
        self._kind = ["--sentinel"] if sentinel else []
        self._keeper = None
        self.pid = None

    def start(self):
        """Starts it, with what it had kept."""
        self._reap()
        command = ["sh", "-c", KEEPER, "keeper", "redis-server", str(self.folder / "redis.conf"), *self._kind]
        environment = os.environ | {"FOLDER": str(self.folder)}
        quiet = subprocess.DEVNULL
        self._keeper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, env=environment)
        until = time.monotonic() + 10
        while time.monotonic() < until and self._keeper.poll() is None:
            try:
                information = self.call("INFO", "server")
                self.pid = int(information.split("process_id:")[1].split()[0])
                return
            except (OSError, Answered, EOFError):
                time.sleep(0.02)
        log = self.folder / "log"
        said = log.read_text()[-2000:] if log.exists() else ""
        self.stop()
        raise RuntimeError(f"redis-server did not start: {said}")

    def kill(self):
        """As a power cut would, for this process."""
        os.kill(self.pid, signal.SIGKILL)
        self._keeper.wait(10)

    def stall(self):
        """From here on it answers nothing, and its kernel still accepts connections."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self):
        """Goes on."""
        os.kill(self.pid, signal.SIGCONT)

    def stop(self):
        """Ends it, and removes its files."""
        self._reap()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _reap(self):
        if self._keeper is not None:
            self._keeper.stdin.close()
            self._keeper.wait(10)
            self._keeper = None

    def call(self, *words):
        """One command, on a connection of its own."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            stream = connection.makefile("rwb")
            if self.password:
                _send(stream, "AUTH", self.password.strip('"'))
                _receive(stream)
            _send(stream, *words)
            return _receive(stream)


def _quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _send(stream, *words):
    stream.write(b"*%d\r\n" % len(words))
    for word in words:
        data = str(word).encode()
        stream.write(b"$%d\r\n%b\r\n" % (len(data), data))
    stream.flush()


def _receive(stream):
    line = stream.readline()
    if not line:
        raise EOFError("the server closed the connection")
    kind, rest = line[:1], line[1:-2].decode()
    if kind == b"-":
        raise Answered(rest)
    if kind == b"+":
        return rest
    if kind == b":":
        return int(rest)
    count = int(rest)
    if count < 0:
        return None
    if kind == b"$":
        return stream.read(count + 2)[:-2].decode()
    return [_receive(stream) for _ in range(count)]


class Group:
    """Servers that belong together. `facts` is what is in AW_TEST_REDIS."""

    def __init__(self, facts, servers):
        self.facts = facts
        self.url = facts["url"]
        self.servers = servers


@contextlib.contextmanager
def _started(make):
    """What `make` makes of an ExitStack, which stops it. A port that was free may not be so any more: then once more."""
    _needs("redis-server")
    for attempt in range(3):
        with contextlib.ExitStack() as stack:
            try:
                group = make(stack)
            except RuntimeError:
                if attempt == 2:
                    raise
                continue
            yield group
            return


def _server(stack, port, settings, sentinel=False, folder=None):
    server = Server(port, settings, sentinel, folder)
    stack.callback(server.stop)
    server.start()
    return server


def single(**settings):
    """One server, without a password. `maxmemory_policy="noeviction"` and the like are settings of its own."""
    given = {name.replace("_", "-"): value for name, value in settings.items()}

    def make(stack):
        server = _server(stack, _free_ports(1)[0], given)
        return Group({"url": f"redis://127.0.0.1:{server.port}", "port": server.port}, [server])

    return _started(make)


def tls(**settings):
    """One server with a password and TLS; its certificate is for `localhost` only."""
    given = {name.replace("_", "-"): value for name, value in settings.items()}

    def make(stack):
        _needs("openssl")
        folder = _new_folder()
        authority, certificate, key = _certificates(folder)
        port, tls_port = _free_ports(2)
        settings = {
            "requirepass": _quoted(PASSWORD),
            "tls-port": tls_port,
            "tls-cert-file": certificate,
            "tls-key-file": key,
            "tls-ca-cert-file": authority,
            "tls-auth-clients": "no",
        }
        server = _server(stack, port, settings | given, folder=folder)
        facts = {
            "url": f"rediss://:{ENCODED_PASSWORD}@localhost:{tls_port}?ca_file={authority}",
            "plain_url": f"redis://:{ENCODED_PASSWORD}@127.0.0.1:{port}",
            "password": PASSWORD,
            "encoded_password": ENCODED_PASSWORD,
            "port": port,
            "tls_port": tls_port,
            "ca_file": str(authority),
        }
        return Group(facts, [server])

    return _started(make)


def _certificates(folder):
    def run(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], cwd=folder, capture_output=True, check=True)

    new = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    run(*new, "-x509", "-days", 2, "-subj", "/CN=authwright's tests", "-keyout", "ca.key", "-out", "ca.pem")
    run(*new, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
    (folder / "extensions").write_text("subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
    signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "extensions"]
    run("x509", "-req", "-in", "server.csr", "-days", 2, *signing, "-out", "server.pem")
    return folder / "ca.pem", folder / "server.pem", folder / "server.key"


def sentinel(**settings):
    """A primary (`servers[0]`), its replica (`servers[1]`) and a Sentinel (`servers[2]`), which is quick to decide."""
    given = {name.replace("_", "-"): value for name, value in settings.items()}

    def make(stack):
        ports = _free_ports(3)
        primary = _server(stack, ports[0], given)
        replica = _server(stack, ports[1], given | {"replicaof": f"127.0.0.1 {ports[0]}"})
        monitor = {
            "sentinel": f"monitor mymaster 127.0.0.1 {ports[0]} 1\n"
            "sentinel down-after-milliseconds mymaster 2000\n"
            "sentinel failover-timeout mymaster 3000"
        }
        watcher = _server(stack, ports[2], monitor, sentinel=True)
        _until(lambda: f"slave0:ip=127.0.0.1,port={ports[1]},state=online" in primary.call("INFO", "replication"))
        _until(lambda: "slaves=1" in watcher.call("INFO", "sentinel"))
        facts = {"url": f"redis+sentinel://127.0.0.1:{ports[2]}/mymaster", "ports": ports}
        return Group(facts, [primary, replica, watcher])

    return _started(make)


def cluster(**settings):
    """A Cluster of three primaries, which take each other for gone later than a busy machine stands still."""
    given = {name.replace("_", "-"): value for name, value in settings.items()}

    def make(stack):
        ports = _free_ports(6)
        enabled = {"cluster-enabled": "yes", "cluster-node-timeout": 3000, "cluster-config-file": "nodes.conf"}
        nodes = [
            _server(stack, port, enabled | given | {"cluster-port": bus})
            for port, bus in zip(ports[:3], ports[3:], strict=True)
        ]
        for position, node in enumerate(nodes):
            node.call("CLUSTER", "ADDSLOTSRANGE", SLOTS * position // 3, SLOTS * (position + 1) // 3 - 1)
            node.call("CLUSTER", "SET-CONFIG-EPOCH", position + 1)
            node.call("CLUSTER", "MEET", "127.0.0.1", ports[0], ports[3])
        _until(lambda: all(_is_whole(node) for node in nodes))
        places = ",".join(f"127.0.0.1:{port}" for port in ports[:3])
        return Group({"url": f"redis+cluster://{places}", "ports": ports[:3]}, nodes)

    return _started(make)


def _is_whole(node):
    return "cluster_state:ok" in node.call("CLUSTER", "INFO") and len(node.call("CLUSTER", "SLOTS")) == 3


def _until(is_so):
    until = time.monotonic() + 20
    while not is_so():
        if time.monotonic() > until:
            raise RuntimeError("the servers of Redis do not find each other")
        time.sleep(0.05)


KINDS = {"single": single, "tls": tls, "sentinel": sentinel, "cluster": cluster}


@contextlib.contextmanager
def running(kind="single"):
    """One of the groups: that of AW_TEST_REDIS, without its `servers`, or a new one."""
    facts = json.loads(os.environ.get(VARIABLE, "{}")).get(kind)
    if facts:
        yield Group(facts, [])
        return
    with KINDS[kind]() as group:
        yield group


def _run(kinds, command):
    with contextlib.ExitStack() as stack:
        up = {kind: stack.enter_context(KINDS[kind]()).facts for kind in ["single", *kinds]}
        environment = os.environ | {VARIABLE: json.dumps(up)}
        return subprocess.run(command, env=environment, check=False).returncode


def _serve(kind, settings):
    with KINDS[kind](**settings) as group:
        print(json.dumps(group.facts), flush=True)
        for line in sys.stdin:
            work, position, *words = line.split(maxsplit=2)
            server = group.servers[int(position)]
            try:
                answer = {"done": getattr(server, work)(*(json.loads(words[0]) if words else []))}
            except (Answered, OSError, EOFError) as error:
                answer = {"error": str(error)}
            print(json.dumps(answer), flush=True)
    return 0


def main():
    arguments = sys.argv[1:]
    kinds = []
    work, *rest = arguments or [""]
    while rest and rest[0].removeprefix("--") in KINDS and rest[0].startswith("--"):
        kinds.append(rest.pop(0).removeprefix("--"))
    try:
        if work == "run" and len(rest) > 1 and rest[0] == "--":
            return _run(kinds, rest[1:])
        if work == "serve" and len(kinds) < 2 and all("=" in setting for setting in rest):
            return _serve(kinds[0] if kinds else "single", dict(setting.split("=", 1) for setting in rest))
    except Unavailable as error:
        print(f"servers: SKIPPED: {error}", file=sys.stderr)
        return int(os.environ.get("AW_REQUIRE_ALL") == "1")
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main())
