"""`befit policy diff OLD NEW`: what another policy would have decided, for whom it differs, and which rule did it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.comparing import ComparingFlags, compare_sides, past_of, show
from engine.cli.exits import UsageMistaken
from engine.cli.flags import flags
from engine.revisions.kept import REVISION_DIGITS
from engine.simulation.sides import Plan, SidePlan, plan_of, plan_of_kept
from engine.simulation.sources import Past

_REVISION = re.compile(rf"[0-9a-f]{{{REVISION_DIGITS}}}\Z")
_SIDE = "A project's folder, a policy file, or a revision that the store keeps."


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffFlags(ComparingFlags):
    """What `befit policy diff` is told."""

    old: Annotated[str, typer.Argument(help=_SIDE)]
    new: Annotated[str, typer.Argument(help=_SIDE)]


@flags
def diff(told: DiffFlags) -> None:
    """Decide the same questions under two policies and tell what differs; nothing is written anywhere.

    Over the newest logged decisions of a store, or over a file of customers. Ends with 3 where a policy, a bundle or
    rows of the file do not hold.
    """
    past = past_of(told, [one for one in (told.old, told.new) if _is_revision(one)])
    before = _side(told, past, told.old, told.bundle)
    after = _side(told, past, told.new, told.new_bundle or told.bundle)
    show(told, *compare_sides(told, past, Plan(before, after)))


def _is_revision(said: str) -> bool:
    return _REVISION.match(said) is not None and not Path(said).exists()


def _side(told: DiffFlags, past: Past, said: str, bundle: Path | None) -> SidePlan:
    if not _is_revision(said):
        return plan_of(Path(said), told.project, bundle)
    if said not in past.revisions:
        raise UsageMistaken(f"the store keeps no revision {said}")
    return plan_of_kept(past.revisions[said], bundle)
