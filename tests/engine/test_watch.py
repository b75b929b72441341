"""Watched files: what changed is proposed, what does not hold is told, and a restart never undoes a rollback."""

from __future__ import annotations

import asyncio

import pytest

from engine.activation.activator import Activator
from engine.activation.asked import Activation, Source
from engine.activation.candidate import Found
from engine.activation.files_told import as_things_stand
from engine.activation.in_force import FailedCase, FileNotice, Origin, Standing
from engine.activation.watch import FileWatch, WatchParts, looked
from tests.engine.activating import TITLE, Changed, titled
from tests.engine.served_project import write_project
from tests.engine.test_activator import TWO_PEOPLE, led


class Watched:
    """A shop whose files are watched by hand."""

    def __init__(self, shop: Changed, proposes: bool = True) -> None:
        self.shop, self.told = shop, list[FileNotice]()
        activator: Activator = shop.activator
        in_force = lambda: shop.live.in_force  # noqa: E731
        self.watch = FileWatch(
            WatchParts(shop.home, shop.store, activator, in_force, shop.live.clock, self.told.append, proposes)
        )

    def write(self, title: str, more: str = "") -> None:
        policy = self.shop.project / "policy.yaml"
        policy.write_bytes(self.files(title, more)["policy.yaml"])

    def files(self, title: str, more: str = "") -> dict[str, bytes]:
        return dict(titled(self.shop.original, title, more))

    async def look(self) -> FileNotice:
        await led(self.shop, self.watch.settle(looked(self.shop.project)))
        (notice,) = await self.shop.store.activations.files()
        return notice


@pytest.fixture
async def shop(tmp_path) -> Changed:
    shop = Changed(write_project(tmp_path / "shop"))
    shop.original = write_project(tmp_path / "original")
    await shop.begin()
    return shop


@pytest.fixture
def watched(shop) -> Watched:
    return Watched(shop)


async def test_files_that_are_in_force_are_said_to_be(watched, shop):
    assert (await watched.look()).standing is Standing.IN_FORCE
    assert shop.tried == []


async def test_a_file_that_changed_is_put_in_force(watched, shop):
    await watched.look()
    watched.write("New")
    assert (await watched.look()).standing is Standing.IN_FORCE
    assert (shop.live.in_force.epoch, shop.live.in_force.origin) == (2, Origin.FILE)
    assert shop.live.in_force.author == shop.home.owner()


async def test_a_file_that_does_not_hold_is_told_and_what_was_in_force_stays(watched, shop):
    await watched.look()
    shop.finds = Found(failed=(FailedCase("a", "b", "c"),), cases=1)
    watched.write("Bad")
    notice = await watched.look()
    assert (notice.standing, notice.failed, shop.live.in_force.epoch) == (Standing.REFUSED, shop.finds.failed, 1)
    await watched.look()
    assert len(shop.tried) == 1


async def test_a_suite_that_is_mended_has_the_files_tried_again(watched, shop):
    await watched.look()
    shop.finds = Found(failed=(FailedCase("a", "b", "c"),), cases=1)
    watched.write("New")
    await watched.look()
    shop.finds = Found()
    (shop.project / "a_test.yaml").write_text("version: 1\n")
    assert (await watched.look()).standing is Standing.IN_FORCE
    assert shop.live.in_force.epoch == 2


async def test_a_file_that_is_gone_is_told_with_its_name(watched, shop):
    await watched.look()
    (shop.project / "features.yaml").unlink()
    notice = await watched.look()
    assert (notice.standing, notice.problems[0].code) == (Standing.REFUSED, "unreadable")
    assert notice.problems[0].place.file.endswith("features.yaml")


async def test_after_a_rollback_the_files_are_left_alone_also_by_a_restart(watched, shop):
    await watched.look()
    watched.write("New")
    await watched.look()
    await led(shop, shop.activator.roll_back("", "mia", ""))
    assert (await watched.look()).standing is Standing.DIFFERS
    again = Watched(shop)
    notice = await again.look()
    assert (notice.standing, shop.live.in_force.epoch) == (Standing.DIFFERS, 3)
    assert "known before" in notice.said
    (shop.project / "a_test.yaml").write_text("version: 1\n")
    assert (await again.look()).standing is Standing.DIFFERS
    again.write("Newer")
    assert (await again.look()).standing is Standing.IN_FORCE


async def test_a_file_that_the_store_never_had_is_proposed_at_the_start(watched, shop):
    watched.write("Written while nobody served")
    assert (await watched.look()).standing is Standing.IN_FORCE


async def test_what_differs_is_said_once_however_often_something_else_is_activated(watched, shop, caplog):
    caplog.set_level("INFO", "befit.activation")
    await watched.look()
    for title in ("One", "Two", "Three"):
        other = Activation(source=Source(files=watched.files(title)), author="mia")
        assert (await led(shop, shop.activator.activate(other))).activated
        notice = await watched.look()
        assert notice.standing is Standing.DIFFERS
        assert shop.live.in_force.policy in notice.said
    (said,) = [one.getMessage() for one in caplog.records if "project's files" in one.getMessage()]
    assert "are not in force: something else was put in force since" in said


async def test_files_that_somebody_else_proposed_wait_and_do_not_differ_at_once(watched, shop):
    watched.write(TITLE, TWO_PEOPLE)
    await watched.look()
    still = Watched(shop, proposes=False)
    still.write("New", TWO_PEOPLE)
    assert (await still.look()).standing is Standing.DIFFERS
    await led(shop, shop.activator.activate(Activation(source=Source(reload_policy=True), author="mia")))
    pending = await shop.store.activations.pending()
    (notice,) = await shop.store.activations.files()
    now = as_things_stand(notice, shop.live.in_force, pending)
    assert (now.standing, now.said) == (Standing.PENDING, f"approve it with: befit policy approve {pending[0].key}")
    assert as_things_stand(now, shop.live.in_force, ()).standing is Standing.DIFFERS


async def test_who_does_not_watch_is_told_that_the_files_differ(shop):
    still = Watched(shop, proposes=False)
    still.write("New")
    notice = await still.look()
    assert (notice.standing, shop.tried) == (Standing.DIFFERS, [])
    assert "befit policy activate" in notice.said


async def test_where_two_people_are_asked_for_a_file_only_proposes(watched, shop):
    watched.write(TITLE, TWO_PEOPLE)
    await watched.look()
    watched.write("New", TWO_PEOPLE)
    notice = await watched.look()
    assert (notice.standing, shop.live.in_force.epoch) == (Standing.PENDING, 2)
    (waiting,) = await shop.store.activations.pending()
    assert waiting.author == shop.home.owner()
    assert (await Watched(shop).look()).standing is Standing.PENDING
    await led(shop, shop.activator.approve(waiting.key, "somebody else"))
    assert (await watched.look()).standing is Standing.IN_FORCE


async def test_files_that_change_again_do_not_leave_what_they_said_before_waiting(watched, shop):
    watched.write(TITLE, TWO_PEOPLE)
    await watched.look()
    for title in ("First", "Second"):
        watched.write(title, TWO_PEOPLE)
        notice = await watched.look()
    (waiting,) = await shop.store.activations.pending()
    assert waiting.key == notice.revision


async def test_while_another_change_is_underway_the_files_are_looked_at_again(watched, shop):
    await watched.look()
    await shop.store.activations.begin("w9-1", 60)
    watched.write("New")
    await watched.look()
    await shop.store.activations.end("w9-1")
    assert (await watched.look()).standing is Standing.IN_FORCE
    assert shop.live.in_force.epoch == 2


async def test_a_half_written_file_is_not_taken(watched, shop, monkeypatch):
    """Two looks in a row have to find the same."""
    looks = []

    async def pause(seconds: float) -> None:
        looks.append(looked(shop.project))
        if len(looks) == 2:
            watched.write("Half")
        if len(looks) == 3:
            watched.write("Whole")
        if len(looks) > 5:
            raise asyncio.CancelledError

    parts = watched.watch._parts
    watch = FileWatch(WatchParts(*(getattr(parts, name) for name in list(parts.__slots__)[:-1]), pause=pause))
    with pytest.raises(asyncio.CancelledError):
        await led(shop, watch.run())
    kept = [await shop.store.revisions.read(about.revision) for about in await shop.store.revisions.list()]
    assert not any(b"Half" in one.policy for one in kept)
    assert any(b"Whole" in one.policy for one in kept)


async def test_the_owner_of_the_project_is_the_author(shop):
    answer = await led(shop, shop.activator.activate(Activation(source=Source(reload_policy=True))))
    assert answer.activated
    assert shop.live.in_force.author == shop.home.owner() != ""
