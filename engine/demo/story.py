"""The story: one day at Nordlicht Mobile, told through the decisions that it takes."""

from __future__ import annotations

from collections.abc import Iterator

from engine.demo import mia, others
from engine.demo.scene import Scene, Stage


def tell(stage: Stage) -> Iterator[Scene]:
    """The scenes in order; each happens when it is asked for. Raises ClientError where the server does not answer."""
    yield from mia.scenes(stage)
    yield from others.scenes(stage)
