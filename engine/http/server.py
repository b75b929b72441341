"""The HTTP server of one worker: listens on the shared port, bounds how many it talks with, drains with the rest."""

from __future__ import annotations

import asyncio
import contextlib

from engine.config import ListenConfig, WorkersConfig
from engine.http.conversation import Conversation, Line, Patience
from engine.http.front import Front
from engine.service.calls import UnforeseenError, contained
from engine.service.server import PortTaken

MOST_CONNECTIONS = 1000
"""Of one worker. Whoever comes on top takes the place of the one that has been idle for longest, if there is any."""

_IN_USE = Patience()


class HttpServer:
    """A server that is built but does not listen yet."""

    def __init__(self, front: Front, patience: Patience = _IN_USE) -> None:
        self.front = front
        self._patience = patience
        self._talking: dict[asyncio.Task[None], Conversation] = {}
        self._listening: asyncio.Server | None = None

    async def start(self, listen: ListenConfig) -> int:
        """Listen and answer; the port. Raises PortTaken."""
        try:
            self._listening = await asyncio.start_server(
                self._meet, listen.host, listen.http_port, reuse_port=True, backlog=MOST_CONNECTIONS
            )
        except OSError as failure:
            raise PortTaken(f"HTTP cannot listen on {listen.host}:{listen.http_port}") from failure
        port: int = self._listening.sockets[0].getsockname()[1]
        return port

    async def drain(self, workers: WorkersConfig) -> None:
        """Stop without losing a call: say not ready and end each connection with its next reply, wait until clients
        have moved, then finish what is in progress."""
        self.front.standing.leaving = True
        await asyncio.sleep(workers.drain_pause_seconds)
        await self.stop(workers.drain_grace_seconds)

    async def stop(self, grace: float) -> None:
        """Take no more connections, hang up where nothing is in progress, and after `grace` seconds everywhere."""
        self.front.standing.leaving = True
        if self._listening is not None:
            self._listening.close()
        for task, conversation in self._talking.items():
            if conversation.idle:
                task.cancel()
        if self._talking:
            _, late = await asyncio.wait(self._talking, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or not self._has_room():
            writer.transport.abort()
            return
        talk = Conversation(Line(reader, writer), self.front, self._patience)
        self._talking[task] = talk
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await contained(talk.run())
        except UnforeseenError as met:
            self.front.note(met)
        finally:
            self._talking.pop(task, None)
            writer.transport.abort()

    def _has_room(self) -> bool:
        if len(self._talking) < MOST_CONNECTIONS:
            return True
        idle = next((task for task, conversation in self._talking.items() if conversation.idle), None)
        if idle is None:
            return False
        idle.cancel()
        self._talking.pop(idle)
        return True
