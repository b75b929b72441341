"""Explains one decision after it was made: contributions of the model, and what would have changed the answer.

All of it is work of its own beside the decision: it is bounded in the number of decisions made again and in time, and
lets other calls go on between one action and the next. What it did not come to has no counterfactual.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

from msgspec import structs

from engine.decision import Audience, Decision, Dropped, Filled, RankedAction
from engine.explaining.conditions import RuleConditions
from engine.explaining.contributions import contributions_of
from engine.explaining.search import Search
from engine.explaining.told import Contribution, Counterfactual
from engine.explaining.wording import Wording
from engine.explaining.worlds import World, Worlds, world_of
from engine.resolution import Resolution
from engine.snapshot import Snapshot, facts_of
from rules.compiled import CompiledPolicy
from rules.policy import Stage

MOST_DECISIONS = 2_000
"""How many decisions one explanation may make again."""
_EARLY = frozenset({Stage.AVAILABILITY.value, Stage.ELIGIBILITY.value})

Found = Mapping[str, Counterfactual]


class Explainer:
    """Explains decisions; `seconds` is the most that one explanation may take."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._policy: CompiledPolicy | None = None
        self._conditions: RuleConditions | None = None

    async def explain(self, snapshot: Snapshot, resolution: Resolution, decision: Decision) -> Decision:
        """The decision with its explanations, in the words of the request's audience; customers are told none."""
        if resolution.question.request.audience is Audience.CUSTOMER:
            return decision
        world = world_of(snapshot, resolution)
        wording = Wording(world)
        found: dict[str, Counterfactual] = {}
        contributions: Mapping[int, tuple[Contribution, ...]] = {}
        try:
            async with asyncio.timeout(self._seconds):
                ranked = [snapshot.policy.catalogue.index[one.action] for one in _ranked(decision)]
                contributions = await asyncio.to_thread(contributions_of, world, ranked, wording)
                await self._search(world, decision, wording, found)
        except TimeoutError:
            pass
        named = {snapshot.policy.catalogue.ids[index]: told for index, told in contributions.items()}
        return _explained(decision, found, named)

    async def _search(
        self, world: World, decision: Decision, wording: Wording, found: dict[str, Counterfactual]
    ) -> None:
        """Look for what would have changed the answer, for one action after the other."""
        worlds = Worlds(world)
        search, index = Search(worlds, self._conditions_of(world.snapshot)), world.snapshot.policy.catalogue.index
        for name in _wanting(decision):
            if worlds.count >= MOST_DECISIONS:
                return
            if not world.wins(index[name]):
                changes = search.changes_for(index[name])
                found[name] = Counterfactual(changes, wording.changes(changes))
            await asyncio.sleep(0)

    def _conditions_of(self, snapshot: Snapshot) -> RuleConditions:
        if self._conditions is None or self._policy is not snapshot.policy:
            self._policy = snapshot.policy
            self._conditions = RuleConditions.of(snapshot.policy, facts_of(snapshot.schema))
        return self._conditions


def _wanting(decision: Decision) -> list[str]:
    """The actions that are not first: first those that came far."""
    behind = [one.action for one in _ranked(decision) if one.rank > 1]
    far = [one.action for one in decision.dropped if one.stage not in _EARLY]
    return [*behind, *far, *(one.action for one in decision.dropped if one.stage in _EARLY)]


def _ranked(decision: Decision) -> Iterator[RankedAction]:
    return (one for filled in decision.placements for one in filled.actions)


def _explained(decision: Decision, found: Found, named: Mapping[str, tuple[Contribution, ...]]) -> Decision:
    def with_all(one: RankedAction) -> RankedAction:
        told = found.get(one.action) if one.rank > 1 else None
        return structs.replace(one, counterfactual=told, contributions=named.get(one.action, ()))

    def placement(filled: Filled) -> Filled:
        return structs.replace(filled, actions=tuple(with_all(one) for one in filled.actions))

    def dropped(one: Dropped) -> Dropped:
        return one._replace(counterfactual=found.get(one.action))

    return structs.replace(
        decision,
        placements=tuple(placement(filled) for filled in decision.placements),
        dropped=tuple(dropped(one) for one in decision.dropped),
    )
