"""Stores for tests: real servers that start once for all tests, wiped before each."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from engine.embedded.server_process import ServerProcess, server_binary
from engine.memory.store import MemoryStore
from engine.redis.keyspace import StoreOptions, StoreTimeouts
from engine.redis.store import RedisStore
from engine.store import Store
from tests.engine.servers import cluster_of_three, lone_server, say, url_of

PATIENT = StoreOptions(timeouts=StoreTimeouts(read_ms=5000, commit_ms=5000))
REDIS = shutil.which("redis-server")


@pytest.fixture(scope="session")
def valkey() -> Iterator[ServerProcess]:
    """The embedded server, keeping nothing."""
    with lone_server(server_binary()) as server:
        yield server


@pytest.fixture(scope="session")
def redis7() -> Iterator[ServerProcess]:
    """The system's Redis, the oldest that is supported being 7.0."""
    if REDIS is None:
        pytest.skip("redis-server is not installed")
    with lone_server(Path(REDIS)) as server:
        yield server


@pytest.fixture(scope="session")
def cluster() -> Iterator[list[ServerProcess]]:
    """Three masters of the embedded server."""
    with cluster_of_three() as nodes:
        yield nodes


def servers_of(name: str, request: pytest.FixtureRequest) -> list[ServerProcess]:
    """The servers behind the fixture `name`, wiped."""
    found = request.getfixturevalue(name)
    servers = found if isinstance(found, list) else [found]
    for server in servers:
        say(server.plan.address, "FLUSHALL")
    return servers


@pytest.fixture(params=["memory", "valkey", "redis7", "cluster"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """An empty store, open: the in-memory one and the real one on each kind of server."""
    if request.param == "memory":
        yield MemoryStore()
        return
    opened = RedisStore(url_of(*servers_of(request.param, request)), "worker-1", PATIENT)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def valkey_store(request: pytest.FixtureRequest) -> AsyncIterator[RedisStore]:
    """An empty store on the embedded server, open."""
    opened = RedisStore(url_of(*servers_of("valkey", request)), "worker-1", PATIENT)
    await opened.open()
    yield opened
    await opened.close()
