"""Where entries go beside the files: anything that takes a batch and answers once it is safe there."""

from __future__ import annotations

from typing import Protocol

from engine.sink.log_files import Entries


class Output(Protocol):
    """Takes every entry at least once, in the order of its partition. After a crash the last batch comes again:
    kind, tenant and id, or partition and stream id, tell what came before."""

    def send(self, entries: Entries) -> None:
        """Returns once the entries are safe. Raises OutputFailed."""
        ...
