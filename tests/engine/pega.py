"""A week of the demo company, exported once for all tests of what Pega's tools make of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from engine.arbitrate import Preference
from engine.decide import resolve
from engine.demo.days.lived_log import Days, write_demo_log
from engine.demo.days.project import DemoProject, demo_project
from engine.demo.drawing import Size
from engine.interchange.pega.contests import Contests
from engine.interchange.pega.export import Exported, export_log
from engine.interchange.pega.exposures import Exposure, exposures
from engine.learning.log_source import newest_in
from engine.past.policies import PoliciesKnown, kept_beside
from engine.past.question import question_of
from engine.record import DecisionRecord
from engine.sink.pseudonyms import Pseudonyms
from engine.sink.reading import Joined, decisions_with_outcomes
from engine.snapshot import Snapshot
from rules.removal import Removal
from tests.engine.company import NOW, changed

NAMES = Pseudonyms(bytes(32))


@dataclass(frozen=True)
class Week:
    project: DemoProject
    log: Path
    out: Path
    exported: Exported

    def file(self, kind: str) -> str:
        """The one file whose name begins so, as pdstools takes it."""
        (found,) = self.out.glob(f"{kind}*")
        return str(found)

    @cached_property
    def decisions(self) -> list[Joined]:
        return list(decisions_with_outcomes(self.log))

    @cached_property
    def shown(self) -> list[Exposure]:
        policies = PoliciesKnown(self.project.snapshot.policy.policy, kept_beside(self.log))
        newest = newest_in(self.log)
        return [
            one for joined in self.decisions for one in exposures(joined, policies.of(joined.record.policy), newest)
        ]


def founded(folder: Path) -> DemoProject:
    (folder / "shop").mkdir()
    return demo_project("telco", folder / "shop", Size(300, 3000), NOW)


def lived(project: DemoProject, folder: Path, visits: int) -> Week:
    """Four days, exported."""
    asyncio.run(write_demo_log(project, folder / "lake", Days(NOW, 4, visits)))
    exported = export_log(folder / "lake", folder / "out", project.snapshot, NAMES)
    return Week(project, folder / "lake", folder / "out", exported)


def boosted_by(snapshot: Snapshot, action: str, lever: float | None) -> Snapshot:
    """The policy with this lever."""
    levers = snapshot.policy.policy.levers
    if lever is not None:
        found = next(one for one in snapshot.policy.policy.actions if one.id == action)
        others = levers.issues.get(found.issue, 0.0) + levers.groups.get(found.group, 0.0)
        levers = replace(levers, actions={**levers.actions, action: 100.0 * (lever - 1.0) - others})
    return changed(snapshot, levers=levers)


def win_share(snapshot: Snapshot, records: list[DecisionRecord], action: str) -> float:
    """In how many of the contests that have somebody to win the action is worth most, mandatory ones aside."""
    found = winners(snapshot, records)
    return sum(one == action for one in found.values()) / len(found)


def winners(snapshot: Snapshot, records: list[DecisionRecord]) -> dict[str, str]:
    """By contest the action that is worth most, where there is one."""
    first: dict[str, str] = {}
    catalogue = snapshot.policy.catalogue
    for record in records:
        found = resolve(snapshot, question_of(snapshot, record))
        channel = snapshot.policy.policy.channels[record.request.channel]
        scored = found.scored
        order = Preference.of(list(scored.rows), snapshot.mandatory_mask, scored.priority, scored.raw).listed
        for contest in Contests(record, channel).all:
            among = [one for one in order if catalogue.actions[one].kind in contest.kinds]
            kept = [one for one in among if not _removed(found.removals, one)]
            if kept:
                first[contest.interaction] = catalogue.ids[kept[0]]
    return first


def _removed(removals: Sequence[Removal], index: int) -> bool:
    return any(one.mask >> index & 1 for one in removals if one.code.value != "LOW_PRIORITY")
