"""The embedded store: a Valkey server of our own on a unix socket, kept under the project, dying with its owner.

One that dies before is started anew on the same files.
A project has one at a time: its owner and the server itself hold a lock, and the file `owner` says who and where. Start
it from a thread that lives as long as the process: on Linux the server is told to end when that thread ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.embedded.kept_server import KeptServer
from engine.embedded.server_process import EmbeddedFailed, ServerPlan, ServerProcess, answers, server_binary

STORE_FOLDER = Path(".befit") / "store"
LONGEST_SOCKET_PATH = 100  # bytes; the system's own limit is 104 to 108
_START_S = 60.0  # reading a large append-only file takes its time
_DURABLE = ("--appendonly", "yes", "--appendfsync", "everysec", "--save", "")
_EPHEMERAL = ("--appendonly", "no", "--save", "")


class EmbeddedStore:
    """A running embedded store; `url` is for RedisStore. A context manager that stops it. Raises EmbeddedFailed.

    `lock` is an open file whose lock it shares, so that no other server writes the same files before it is gone;
    without one it keeps nothing, and its folder goes with it.
    """

    def __init__(self, folder: Path, lock: int | None = None) -> None:
        self._folder = folder
        self._ephemeral = lock is None
        self._socket_folder: Path | None = None
        socket_path = folder / "sock"
        if len(os.fsencode(socket_path)) > LONGEST_SOCKET_PATH:
            self._socket_folder = Path(tempfile.mkdtemp(prefix="befit-"))
            socket_path = self._socket_folder / "sock"
        socket_path.unlink(missing_ok=True)
        listening = ("--port", "0", "--unixsocket", str(socket_path), "--unixsocketperm", "700")
        keeping = _EPHEMERAL if lock is None else _DURABLE
        settings = (*listening, *keeping, "--maxmemory-policy", "noeviction", "--loglevel", "warning")
        held = () if lock is None else (lock,)
        self.url = f"unix://{socket_path}"
        self._kept = KeptServer(ServerPlan(server_binary(), folder, str(socket_path), settings, held))

    @property
    def server(self) -> ServerProcess:
        return self._kept.server

    def stop(self) -> None:
        self._kept.stop()
        if self._socket_folder is not None:
            shutil.rmtree(self._socket_folder, ignore_errors=True)
        if self._ephemeral:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def ephemeral_store() -> EmbeddedStore:
    """A store in a folder of its own that keeps nothing. Raises EmbeddedFailed."""
    return EmbeddedStore(Path(tempfile.mkdtemp(prefix="befit-store-")))


@contextlib.contextmanager
def project_store(project: Path) -> Iterator[str]:
    """The URL of the project's store: the one that runs already, or one started here that ends with the block.

    Raises EmbeddedFailed, also where another process holds the store but does not get it to run.
    """
    folder = (project / STORE_FOLDER).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    owner = folder / "owner"
    with (folder / "lock").open("a") as lock:
        running = _running_or_locked(owner, lock.fileno())
        if running is not None:
            yield running
            return
        with EmbeddedStore(folder, lock.fileno()) as store:
            owner.write_text(f"{os.getpid()} {store.url}")
            try:
                yield store.url
            finally:
                owner.unlink(missing_ok=True)


def _running_or_locked(owner: Path, lock: int) -> str | None:
    """The URL of the store that another process runs, or None once the lock is ours. Raises EmbeddedFailed."""
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return None
        url = _url_of(owner)
        if url:
            return url
        time.sleep(0.01)
    raise EmbeddedFailed(f"another process holds {owner.parent}, but its store does not answer")


def _url_of(owner: Path) -> str:
    """Where the living owner's store answers, or ""."""
    try:
        pid, _, url = owner.read_text().partition(" ")
        os.kill(int(pid), 0)
    except (OSError, ValueError):
        return ""
    return url if answers(url.removeprefix("unix://")) else ""
