"""The embedded store keeps a project's state, has one server at a time, and leaves none behind."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.embedded.server_process import EmbeddedFailed, ServerPlan, ServerProcess, answers, server_binary
from engine.embedded.store import ephemeral_store, project_store
from engine.redis.store import RedisStore
from engine.store import CustomerWrite
from tests.engine.asking import ANNA
from tests.engine.conftest import PATIENT

ROOT = Path(__file__).parents[2]
OWNER = """
import sys
from pathlib import Path
from engine.embedded.store import project_store
with project_store(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


async def put(url, vector):
    store = RedisStore(url, "w", PATIENT)
    await store.open()
    await store.put_customers([CustomerWrite(ANNA, vector=vector)])
    await store.close()


async def got(url):
    store = RedisStore(url, "w", PATIENT)
    await store.open()
    profile = await store.read_profile(ANNA, "")
    await store.close()
    return profile.vector


def owner_of(project):
    """Another process that runs the project's store until its input ends, and the store's URL."""
    command = [sys.executable, "-c", OWNER, str(project)]
    owner = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return owner, owner.stdout.readline().decode().strip()


def gone(owner):
    owner.stdin.close()
    owner.stdout.close()
    owner.wait()


def servers_in(folder):
    """Living servers that keep their files in the folder."""
    said = subprocess.run(["ps", "-ww", "-eo", "pid,stat,args"], check=True, capture_output=True, text=True).stdout
    listed = (line.split(None, 2) for line in said.splitlines()[1:])
    return [int(pid) for pid, state, command in listed if str(folder) in command and not state.startswith("Z")]


async def test_a_projects_store_keeps_what_was_written(tmp_path):
    with project_store(tmp_path) as url:
        await put(url, b"one")
    with project_store(tmp_path) as url:
        assert await got(url) == b"one"
    assert servers_in(tmp_path / ".befit") == []


async def test_whoever_comes_second_uses_the_running_store(tmp_path):
    with project_store(tmp_path) as url:
        await put(url, b"one")
        with project_store(tmp_path) as again:
            assert again == url
        assert await got(url) == b"one"
        assert len(servers_in(tmp_path / ".befit")) == 1


async def test_another_process_may_run_the_store(tmp_path):
    owner, url = owner_of(tmp_path)
    with project_store(tmp_path) as again:
        assert again == url
        await put(again, b"one")
    gone(owner)
    assert servers_in(tmp_path / ".befit") == []
    with project_store(tmp_path) as url:
        assert await got(url) == b"one"


@pytest.mark.skipif(sys.platform != "linux", reason="only the Linux kernel ends a child with its parent")
async def test_a_store_dies_with_its_killed_owner_and_the_next_owner_finds_what_was_written(tmp_path):
    owner, url = owner_of(tmp_path)
    await put(url, b"one")
    owner.kill()
    gone(owner)
    with project_store(tmp_path) as url:
        assert await got(url) == b"one"
        assert len(servers_in(tmp_path / ".befit")) == 1


async def test_a_store_that_is_killed_is_started_anew_and_has_what_was_written(tmp_path):
    with project_store(tmp_path) as url:
        await put(url, b"one")
        (killed,) = servers_in(tmp_path / ".befit")
        os.kill(killed, signal.SIGKILL)
        while servers_in(tmp_path / ".befit") in ([], [killed]) or not answers(url.removeprefix("unix://")):
            pass
        assert await got(url) == b"one"
    assert servers_in(tmp_path / ".befit") == []


async def test_a_keyboard_interrupt_of_the_terminal_does_not_reach_the_store(tmp_path):
    owner, _ = owner_of(tmp_path)
    (server,) = servers_in(tmp_path / ".befit")
    assert os.getpgid(server) != os.getpgid(owner.pid)
    gone(owner)


async def test_an_ephemeral_store_leaves_nothing(tmp_path):
    with ephemeral_store() as store:
        await put(store.url, b"one")
        folder = store.server.plan.folder
    assert not folder.exists()
    assert servers_in(folder) == []


async def test_a_project_may_lie_deep(tmp_path):
    deep = tmp_path.joinpath(*["a-long-name-for-a-folder"] * 6)
    with project_store(deep) as url:
        await put(url, b"one")
        assert url.startswith("unix://")
    assert not Path(url.removeprefix("unix://")).parent.exists()


def test_a_server_that_cannot_start_says_why(tmp_path):
    plan = ServerPlan(server_binary(), tmp_path, str(tmp_path / "sock"), ("--no-such-setting", "1"))
    with pytest.raises(EmbeddedFailed, match="no-such-setting"):
        ServerProcess(plan)
    assert servers_in(tmp_path) == []


async def test_stopping_keeps_what_a_frozen_disk_timer_has_not_written_yet(tmp_path):
    """The append-only file is flushed once a second; an orderly end does not wait for it."""
    with project_store(tmp_path) as url:
        await asyncio.gather(*(put(url, b"%d" % number) for number in range(5)))
        await put(url, b"last")
    with project_store(tmp_path) as url:
        assert await got(url) == b"last"
