"""Watches the project's files: one that changed is proposed as any other candidate, one that does not hold is told.

Looked at by name, time and size twice a second; read once two looks find the same, so that a file that is being written
is not taken half-written. What is told stands in the store, where every worker's status finds it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from documents.problem import BefitError, DocumentInvalid
from engine.activation.activator import Activator
from engine.activation.asked import Activated, Activation, Source
from engine.activation.changing import Answer
from engine.activation.files_told import KNOWN, NOT_WATCHED, SINCE, as_things_stand, differing, in_words, waiting
from engine.activation.gathering import bundle_revision
from engine.activation.home import Home
from engine.activation.in_force import FileNotice, InForce, Origin, Standing
from engine.project import read_text
from engine.store import Store
from models.bundle_files import read_raw

PERIOD = 0.5
_LOG = logging.getLogger("befit.activation")
Look = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class WatchParts:
    """What watching is made of. `in_force` tells what this worker decides by; `told` takes every new notice. Where not
    `proposes`, files that differ are only told."""

    home: Home
    store: Store
    activator: Activator
    in_force: Callable[[], InForce | None]
    clock: Callable[[], float]
    told: Callable[[FileNotice], None]
    proposes: bool = True
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


class FileWatch:
    """Watches one project. At its start, files that were in force before, or wait, are left as they are: a restart must
    not undo a rollback. Files that the store never had are proposed."""

    def __init__(self, parts: WatchParts) -> None:
        self._parts = parts
        self._seen: Look = ()
        self._epoch = -1
        self._notice: FileNotice | None = None
        self._logged: object = None

    async def run(self) -> None:
        """Until cancelled."""
        while self._parts.in_force() is None:
            await self._parts.pause(PERIOD)
        await self._offer_bundle()
        before: Look = ()
        while True:
            look = await asyncio.to_thread(looked, self._parts.home.project)
            if look == before:
                await self.settle(look)
            before = look
            await self._parts.pause(PERIOD)

    async def settle(self, look: Look) -> None:
        """Take in files that look like this and are no longer being written."""
        in_force = self._parts.in_force()
        if in_force is None or (look == self._seen and in_force.epoch == self._epoch):
            return
        try:
            notice = await self._judged(in_force, look != self._seen)
            if notice is not None:
                await self._tell(notice)
                self._seen, self._epoch = look, max(in_force.epoch, self._epoch)
        except (BefitError, OSError) as failure:
            _LOG.warning("the project's files cannot be looked at: %s", failure)

    async def _judged(self, in_force: InForce, touched: bool) -> FileNotice | None:
        """How the files stand now; None where that has to be asked again."""
        home, now, last = self._parts.home, self._parts.clock(), self._notice
        try:
            revision = (await asyncio.to_thread(read_text, home.project)).revision
        except DocumentInvalid as invalid:
            return FileNotice(home.name, "", now, Standing.REFUSED, invalid.problems)
        notice = FileNotice(home.name, revision, now, Standing.IN_FORCE)
        if revision == in_force.policy:
            return notice
        if last is not None and not touched and last.standing is Standing.REFUSED:
            return last
        stands = as_things_stand(notice, in_force, await self._parts.store.activations.pending())
        if stands.standing is Standing.PENDING:
            return stands
        known = last is None and await self._parts.store.revisions.read(revision) is not None
        new = last is None or last.revision != revision or last.standing is Standing.REFUSED
        if known or not (new and touched and self._parts.proposes):
            why = KNOWN if known else SINCE if self._parts.proposes else NOT_WATCHED
            return differing(notice, in_force, why)
        source = Source(reload_policy=True)
        answer = await self._parts.activator.activate(Activation(source=source, author=home.owner()), Origin.FILE)
        return proposed(notice, answer)

    async def _tell(self, notice: FileNotice) -> None:
        if self._notice is not None and replace(notice, at=self._notice.at) == self._notice:
            return
        as_started = self._notice is None and notice.standing is Standing.IN_FORCE
        self._notice = notice
        await self._parts.store.activations.tell_files(notice)
        self._parts.told(notice)
        state = (notice.standing, notice.revision, notice.problems, notice.failed)
        if state == self._logged:
            return
        self._logged = state
        if notice.standing is Standing.REFUSED:
            _LOG.error("the project's files do not hold; what is in force stays\n%s", told(notice))
        else:
            _LOG.log(logging.DEBUG if as_started else logging.INFO, "%s", in_words(notice))

    async def _offer_bundle(self) -> None:
        """The bundle that this server was started with, where the store never had it."""
        home, in_force = self._parts.home, self._parts.in_force()
        if home.bundle is None or in_force is None:
            return
        try:
            files = await asyncio.to_thread(read_raw, home.bundle)
            revision = bundle_revision(files)
            if revision == in_force.bundle:
                return
            if await self._parts.store.revisions.read_bundle(revision) is not None:
                _LOG.warning("the model in force is %s, not %s as asked for", in_force.bundle or "none", revision)
                return
            wanted = Activation(source=Source(bundle_files=files), author=home.owner())
            _LOG.info("model %s: %s", revision, await self._parts.activator.activate(wanted, Origin.FILE))
        except (BefitError, OSError) as failure:
            _LOG.error("the model that was asked for is not in force: %s", failure)


def looked(project: Path) -> Look:
    """Name, time and size of the project's files, suites and what they share among them."""
    found = []
    for path in sorted((*project.glob("*.yaml"), *project.glob("*/*.yaml"))):
        with contextlib.suppress(OSError):
            status = path.stat()
            found.append((str(path), status.st_mtime_ns, status.st_size))
    return tuple(found)


def proposed(notice: FileNotice, answer: Answer) -> FileNotice | None:
    """How files stand that were proposed; None where another change was underway."""
    if not isinstance(answer, Activated):
        return None
    if answer.activated:
        return notice
    if answer.pending:
        return waiting(notice, answer.revision)
    said = "; ".join(filter(None, (answer.bundle_refused, answer.fault)))
    return replace(notice, standing=Standing.REFUSED, problems=answer.problems, failed=answer.failed, said=said)


def told(notice: FileNotice) -> str:
    """What is wrong with files, for people."""
    lines = [problem.render() for problem in notice.problems] + [one.told for one in notice.failed]
    return "\n".join([*lines, notice.said]).strip()
