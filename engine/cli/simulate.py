"""`befit simulate`: what would change if a number of the policy were another, and which boost an action would need."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.comparing import ComparingFlags, bar, compare_sides, past_of, show, source_of, spread_for
from engine.cli.exits import UsageMistaken
from engine.cli.flags import flags
from engine.simulation.boost import Aim, Boost, find_boost
from engine.simulation.change import Change, ChangeInvalid, read_change
from engine.simulation.sides import Plan, plan_of
from engine.simulation.sources import Past
from engine.snapshot import Snapshot

_SHARE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateFlags(ComparingFlags):
    """What `befit simulate` may be told."""

    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="PATH=NUMBER or PATH=DURATION, boosts in percent: lever.ACTION=30%, threshold.min_priority=5 ...",
        ),
    ] = None
    policy: Annotated[Path | None, typer.Option(help="Another policy file or folder for the new side.")] = None
    boost: Annotated[str, typer.Option(help="An action: find the manual boost that makes it win.")] = ""
    wins: Annotated[str, typer.Option(help="The share of first places that --boost is to reach.")] = "10%"
    placement: Annotated[str, typer.Option(help="CHANNEL.PLACEMENT in which --boost is to win.")] = ""


@flags
def simulate(told: SimulateFlags) -> None:
    """Decide the same questions under the policy and under a change of it; nothing is written anywhere.

    Over the newest logged decisions of a store, or over a file of customers. Ends with 3 where the policy, the change,
    a bundle or rows of the file do not hold.
    """
    changes = [_change(text) for text in told.changes or ()]
    past = past_of(told)
    before = plan_of(told.project, told.project, told.bundle)
    other = plan_of(told.policy or told.project, told.project, told.new_bundle or told.bundle)
    try:
        plan = Plan(before, other.changed(changes))
        boost = _boost(told, past, replace(plan, before=plan.after)) if told.boost else None
        if boost is not None and boost.factor is not None:
            plan = replace(plan, after=plan.after.changed([Change(f"lever.{told.boost}", boost.factor)]))
    except ChangeInvalid as mistake:
        raise UsageMistaken(str(mistake)) from None
    found, source = compare_sides(told, past, plan)
    show(told, replace(found, boost=boost), source)


def _change(text: str) -> Change:
    try:
        return read_change(text)
    except ChangeInvalid as mistake:
        raise UsageMistaken(f"--set {mistake}") from None


def _boost(told: SimulateFlags, past: Past, plan: Plan) -> Boost:
    """Search on the changed side; the questions are gone over at every step."""
    with spread_for(told, past, plan) as spread, bar("steps", None) as shown:
        aim = _aim(told, spread.sides.after)
        batches = tuple(source_of(told, past, spread.sides).batches(spread.sides.features))
        return find_boost(spread, batches, aim, lambda step: shown.update(shown.task_ids[0], completed=step))


def _aim(told: SimulateFlags, snapshot: Snapshot) -> Aim:
    policy = snapshot.policy
    if told.boost not in policy.catalogue.index:
        raise UsageMistaken(f"the policy has no action {told.boost!r}")
    share = _SHARE.match(told.wins)
    if share is None or not 0.0 < float(share[1]) <= 100.0:
        raise UsageMistaken(f"--wins {told.wins!r} is no share, as in 10%")
    names = {f"{channel}.{name}": (channel, name) for channel, name in policy.catalogue.placements}
    if told.placement not in names:
        raise UsageMistaken(f"--placement is one of {', '.join(names)}")
    channel, placement = names[told.placement]
    if not policy.catalogue.placements[channel, placement] >> policy.catalogue.index[told.boost] & 1:
        raise UsageMistaken(f"{told.placement} never takes {told.boost}")
    return Aim(told.boost, channel, placement, float(share[1]) / 100.0)
