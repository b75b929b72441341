"""A server that is started anew when it dies, until its owner stops it: same files, same address."""

from __future__ import annotations

import contextlib
import logging
import threading

from engine.embedded.server_process import EmbeddedFailed, ServerPlan, ServerProcess

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds before a server is started anew; doubled while it does not come to life."""

_LOG = logging.getLogger("befit.store")


class KeptServer:
    """`server` is the one that runs now. Started and watched by a thread that lives until `stop`, because the kernel
    ends a server with the thread that started it. Raises EmbeddedFailed where the first one does not start."""

    def __init__(self, plan: ServerPlan) -> None:
        self.server = ServerProcess(plan)
        self._stopping = threading.Event()
        self._changing = threading.Lock()
        self._keeper = threading.Thread(target=self._keep, name="store-keeper", daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """End the server in order; start no other."""
        self._stopping.set()
        with self._changing:
            self.server.stop()
        self._keeper.join()

    def _keep(self) -> None:
        pause = FIRST_PAUSE
        while True:
            code = self.server.wait()
            if self._stopping.wait(pause):
                return
            _LOG.warning("the store's server ended with %d; the next starts", code)
            pause = FIRST_PAUSE if self._start_next() else min(2 * pause, LONGEST_PAUSE)

    def _start_next(self) -> bool:
        with self._changing, contextlib.suppress(EmbeddedFailed):
            if not self._stopping.is_set():
                self.server = ServerProcess(self.server.plan)
            return True
        return False
