"""Servers for tests: an embedded one, Debian's Redis, and a cluster of three, all ending with the test run."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hiredis

from engine.embedded.server_process import ServerPlan, ServerProcess, server_binary

CLUSTER_NODES = 3
SLOTS = 16384


def url_of(*servers: ServerProcess) -> str:
    """The URL that reaches a lone server, or a cluster by all of its nodes."""
    addresses = [server.plan.address for server in servers]
    if isinstance(addresses[0], str):
        return f"unix://{addresses[0]}"
    return "redis://" + ",".join(f"{host}:{port}" for host, port in addresses)


def say(address: str | tuple[str, int], *command: Any) -> Any:
    """One command over a connection of its own; the reply, errors as values."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    reader = hiredis.Reader()
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(5.0)
        connection.connect(address)
        connection.sendall(hiredis.pack_command(command))
        while (reply := reader.gets()) is False:
            reader.feed(connection.recv(65536))
        return reply


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="befit-test-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def lone_server(binary: Path, *settings: str) -> Iterator[ServerProcess]:
    """A server on a unix socket that keeps nothing unless the settings say so."""
    with folder() as path:
        address = str(path / "sock")
        arguments = ("--port", "0", "--unixsocket", address, "--save", "", *settings)
        server = ServerProcess(ServerPlan(binary, path, address, arguments))
        try:
            yield server
        finally:
            server.kill()


@contextlib.contextmanager
def tls_server(binary: Path, certificates: Path) -> Iterator[tuple[int, Path]]:
    """A server that speaks TLS on a port of localhost, and the certificate that vouches for it."""
    key, certificate, port = certificates / "key.pem", certificates / "cert.pem", free_port()
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-keyout", str(key))
    subprocess.run([*made, "-out", str(certificate), *subject], check=True, capture_output=True)
    files = ("--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-ca-cert-file", str(certificate))
    with lone_server(binary, "--tls-port", str(port), "--tls-auth-clients", "no", *files):
        yield port, certificate


@contextlib.contextmanager
def cluster_of_three() -> Iterator[list[ServerProcess]]:
    """Three masters on the loopback that share the slots between them."""
    with contextlib.ExitStack() as stack:
        nodes = [stack.enter_context(_node()) for _ in range(CLUSTER_NODES)]
        _share_slots(nodes)
        yield nodes


@contextlib.contextmanager
def replica_of(master: tuple[str, int]) -> Iterator[ServerProcess]:
    """A replica of the master, joined to its cluster and up to date."""
    with _node() as replica:
        bus = replica.plan.arguments[replica.plan.arguments.index("--cluster-port") + 1]
        say(master, "CLUSTER", "MEET", *replica.plan.address, bus)
        its_id = say(master, "CLUSTER", "MYID")
        until(lambda: say(replica.plan.address, "CLUSTER", "REPLICATE", its_id) == b"OK")
        until(lambda: b"master_link_status:up" in say(replica.plan.address, "INFO", "replication"))
        yield replica


def until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    """Ask again and again; raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("it does not come about")
        time.sleep(0.01)


@contextlib.contextmanager
def _node() -> Iterator[ServerProcess]:
    with folder() as path:
        port, bus = free_port(), free_port()
        arguments = ("--port", str(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", str(bus))
        quiet = (
            "--save",
            "",
            "--cluster-node-timeout",
            "5000",
            "--cluster-require-full-coverage",
            "no",
            "--enable-debug-command",
            "yes",
        )
        server = ServerProcess(ServerPlan(server_binary(), path, ("127.0.0.1", port), (*arguments, *quiet)))
        try:
            yield server
        finally:
            server.kill()


def _share_slots(nodes: list[ServerProcess]) -> None:
    addresses = [node.plan.address for node in nodes]
    bounds = [round(SLOTS * index / len(nodes)) for index in range(len(nodes) + 1)]
    for index, address in enumerate(addresses):
        say(address, "CLUSTER", "SET-CONFIG-EPOCH", index + 1)
        say(address, "CLUSTER", "ADDSLOTSRANGE", bounds[index], bounds[index + 1] - 1)
    for node in nodes[1:]:
        bus = node.plan.arguments[node.plan.arguments.index("--cluster-port") + 1]
        say(addresses[0], "CLUSTER", "MEET", "127.0.0.1", node.plan.address[1], bus)
    until(lambda: all(_knows_all(address, len(nodes)) for address in addresses))


def _knows_all(address: str | tuple[str, int], nodes: int) -> bool:
    state = say(address, "CLUSTER", "INFO")
    slots = say(address, "CLUSTER", "SLOTS")
    return isinstance(state, bytes) and b"cluster_state:ok" in state and len(slots) == nodes


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
