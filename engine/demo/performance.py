"""Plays the story once the server answers, in a thread of its own, since the supervisor has the main one."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

from engine.config import ServeConfig


class Performance:
    """Begins `play` when the server is announced, with its settled configuration; when it is over, the server is told
    to end, unless it `stays`. `failure` is what ended the play early, None while all is well."""

    def __init__(self, play: Callable[[ServeConfig], None], *, stays: bool) -> None:
        self._play = play
        self._stays = stays
        self.failure: Exception | None = None

    def begin(self, config: ServeConfig) -> None:
        """For the supervisor's `announce`: returns at once."""
        threading.Thread(target=self._run, args=(config,), name="story", daemon=True).start()

    def _run(self, config: ServeConfig) -> None:
        try:
            self._play(config)
        except Exception as failure:  # noqa: BLE001  (raised again in the main thread, once the server has ended)
            self.failure = failure
        if self.failure or not self._stays:
            os.kill(os.getpid(), signal.SIGTERM)
