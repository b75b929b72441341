"""One place for a worker: starts it, listens to its beats, kills it when it falls silent, starts the next one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.metrics import Tally
from engine.workers.link import Assignment, LinkBroken, Report, open_link

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds before a worker is started anew; doubled while it does not come to life."""

_LOG = logging.getLogger("befit.supervisor")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a worker ended: exit code (negative = by that signal), and whether it ever answered."""

    code: int
    was_ready: bool


class WorkerPlace:
    """Keeps one worker running. `command` starts one; the number of its end of the link is added to it."""

    def __init__(self, assignment: Assignment, command: Sequence[str], tally: Tally) -> None:
        self._assignment = assignment
        self._command = command
        self._tally = tally
        self._process: asyncio.subprocess.Process | None = None
        self._ending = asyncio.Event()
        self.ready = asyncio.Event()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def keep(self, after: asyncio.Event | None = None) -> Ended:
        """Run workers one after the other until told to end; a first worker that is never ready ends it too. The first
        one starts once `after` is set."""
        if after is not None and not await self._may_start(after):
            return Ended(0, was_ready=False)
        pause = FIRST_PAUSE
        while True:
            ended = await self.run()
            if self._ending.is_set() or not self.ready.is_set():
                return ended
            pause = FIRST_PAUSE if ended.was_ready else min(2 * pause, LONGEST_PAUSE)
            _LOG.warning("worker %d ended with %d; the next starts", self._assignment.number, ended.code)
            self._tally.restarts += 1
            if await self._told_to_end_within(pause):
                return ended

    async def _may_start(self, after: asyncio.Event) -> bool:
        """Once `after` is set; False when told to end first."""
        waiting = [asyncio.create_task(event.wait()) for event in (after, self._ending)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        return not self._ending.is_set()

    async def _told_to_end_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), seconds)
        return self._ending.is_set()

    async def run(self) -> Ended:
        """One worker from start to end."""
        before = self.pid or 0
        ours, theirs = socket.socketpair()
        with theirs:
            command = (*self._command, str(theirs.fileno()))
            self._process = await asyncio.create_subprocess_exec(*command, pass_fds=(theirs.fileno(),))
        reader, writer = await open_link(ours)
        writer.write(replace(self._assignment, ended=before).to_line())
        try:
            was_ready = await self._listen(reader)
            return Ended(await self._process.wait(), was_ready)
        finally:
            self._tally.retire(self._assignment.number)
            writer.close()
            self.kill()

    async def _listen(self, reader: asyncio.StreamReader) -> bool:
        """Take reports until the line ends or falls silent; whether the worker was ever ready."""
        workers = self._assignment.config.workers
        patience, was_ready = workers.start_seconds, False
        try:
            while line := await asyncio.wait_for(reader.readline(), patience):
                report = Report.from_line(line)
                if report.ready and not was_ready:
                    patience, was_ready = workers.silence_ms / 1000, True
                    self._tally.ready += 1
                    self.ready.set()
                if report.counts is not None:
                    self._tally.workers[self._assignment.number] = report.counts
        except (TimeoutError, LinkBroken, ConnectionError) as failure:
            _LOG.warning("worker %d is silent (%s): killed", self._assignment.number, type(failure).__name__)
            self.kill()
        self._tally.ready -= was_ready
        return was_ready

    def end(self) -> None:
        """Let the worker finish what is in progress and end; start no other."""
        self._ending.set()
        with contextlib.suppress(ProcessLookupError):
            if self._process and self._process.returncode is None:
                self._process.terminate()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._process and self._process.returncode is None:
                self._process.kill()
