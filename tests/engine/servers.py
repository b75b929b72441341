"""Servers for tests: an embedded one, Debian's Redis, and a cluster of three, all ending with the test run."""

from __future__ import annotations

import contextlib
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hiredis

from engine.server_process import ServerPlan, ServerProcess, server_binary

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
def cluster_of_three() -> Iterator[list[ServerProcess]]:
    """Three masters on the loopback that share the slots between them."""
    with contextlib.ExitStack() as stack:
        nodes = [stack.enter_context(_node()) for _ in range(CLUSTER_NODES)]
        _share_slots(nodes)
        yield nodes


@contextlib.contextmanager
def _node() -> Iterator[ServerProcess]:
    with folder() as path:
        port, bus = _free_port(), _free_port()
        arguments = ("--port", str(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", str(bus))
        quiet = ("--save", "", "--cluster-node-timeout", "5000", "--enable-debug-command", "yes")
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
    deadline = time.monotonic() + 30
    while not all(_knows_all(address, len(nodes)) for address in addresses):
        if time.monotonic() > deadline:
            raise TimeoutError("the cluster does not come together")
        time.sleep(0.02)


def _knows_all(address: str | tuple[str, int], nodes: int) -> bool:
    state = say(address, "CLUSTER", "INFO")
    slots = say(address, "CLUSTER", "SLOTS")
    return isinstance(state, bytes) and b"cluster_state:ok" in state and len(slots) == nodes


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
