"""Plays the story once the server answers, in a thread of its own, since the supervisor has the main one."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

from engine.config import ServeConfig

GRACE = 2.0
"""Seconds in which a server that was stopped from outside must have ended; the play fails a little before it."""


class Performance:
    """Begins `play` when the server is announced, with its settled configuration; when it is over, the server is told
    to end, unless it `stays`. `failure` is what ended the play while the server ran, None while all is well."""

    def __init__(self, play: Callable[[ServeConfig], None], *, stays: bool) -> None:
        self._play = play
        self._stays = stays
        self._server_ended = threading.Event()
        self._thread: threading.Thread | None = None
        self.finished = False
        self.failure: Exception | None = None

    def begin(self, config: ServeConfig) -> None:
        """For the supervisor's `announce`: returns at once."""
        self._thread = threading.Thread(target=self._run, args=(config,), name="story", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """The server has ended: wait for the play, which can only fail now if it is not over."""
        self._server_ended.set()
        if self._thread is not None:
            self._thread.join(GRACE)

    def _run(self, config: ServeConfig) -> None:
        try:
            self._play(config)
            self.finished = True
        except Exception as failure:  # noqa: BLE001  (raised again in the main thread, once the server has ended)
            if self._server_ended.wait(GRACE):
                return
            self.failure = failure
        if (self.failure or not self._stays) and not self._server_ended.is_set():
            os.kill(os.getpid(), signal.SIGINT)
