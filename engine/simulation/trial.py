"""A trial asked of a running server: single questions decided under what is in force and under a change, as dry runs.

Done in a process of its own that runs behind all who decide, since compiling a policy would hold them up.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from documents.problem import DocumentInvalid, Problem
from documents.strict_yaml import read
from engine.decide import resolve
from engine.decision import Decision, Request
from engine.facts.store import FactsRead
from engine.learning.store import Learned
from engine.present import present
from engine.profile import know
from engine.project import FEATURES_FILE, POLICY_FILE
from engine.resolution import Question, Resolution
from engine.revisions.kept import ProjectText
from engine.simulation.questions import pair
from engine.simulation.sides import Plan, SidePlan, Sides, build
from engine.snapshot import Snapshot
from engine.store import Profile, Settings
from engine.workers.parent import ends_with_parent
from models.bundle import BundleRefused
from rules.rationing import LimitsSeen
from rules.situation import Moment

POLITE = 10


@dataclass(frozen=True, slots=True)
class Change:
    """What to try: the text of another policy file, a bundle's folder or revision; "" = as it is."""

    policy: bytes
    bundle: str


@dataclass(frozen=True, slots=True)
class TrialSide:
    """One side: the text of its files, its bundle's folder or None."""

    text: ProjectText
    bundle: Path | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried at `now` (s), under what a store says to both sides."""

    before: TrialSide
    after: TrialSide
    settings: Settings
    facts: FactsRead
    learned: Learned
    questions: tuple[TrialQuestion, ...]
    now: float


@dataclass(frozen=True, slots=True)
class TrialQuestion:
    """One question with all that is known for it; `request.customer` is whom a visitor became."""

    request: Request
    profile: Profile | None
    limits: LimitsSeen


@dataclass(frozen=True, slots=True)
class Decided:
    """One question, decided on both sides. `changed`: another action comes first in some placement; the priorities are
    the sums over all first places."""

    before: Decision
    after: Decision
    changed: bool
    priority_before: float
    priority_after: float


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a trial: each question's decisions or why it cannot be asked, in order; or what is wrong with the
    change, and then nothing was decided."""

    decided: tuple[Decided | str, ...] = ()
    problems: tuple[Problem, ...] = ()
    bundle_refused: str = ""


def tried_apart(trial: Trial) -> Tried:
    """Try in a process of its own, which ends with the answer. Blocks for a second or more."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh, initializer=_stand_back) as pool:
        return pool.submit(tried, trial).result()


def tried(trial: Trial) -> Tried:
    """Try here."""
    try:
        sides = build(Plan(_plan(trial.before), _plan(trial.after), trial.settings, trial.facts, trial.learned))
    except DocumentInvalid as invalid:
        return Tried(problems=invalid.problems)
    except BundleRefused as refused:
        return Tried(bundle_refused=str(refused))
    return Tried(tuple(_decided(sides, one, trial.now) for one in trial.questions))


def _plan(side: TrialSide) -> SidePlan:
    text = side.text
    policy, features = read(text.policy, POLICY_FILE), read(text.features, FEATURES_FILE)
    return SidePlan(text.revision, policy, features, text.revision, side.bundle)


def _decided(sides: Sides, asked: TrialQuestion, now: float) -> Decided | str:
    before, after = (_question(side, asked, now) for side in (sides.before, sides.after))
    both = pair(sides, before, after)
    if isinstance(both, str):
        return both
    one, other = resolve(sides.before, both.before), resolve(sides.after, both.after)
    changed = _first(sides.before, one) != _first(sides.after, other)
    decisions = (present(sides.before, one, ""), present(sides.after, other, ""))
    return Decided(*decisions, changed, _priority(one), _priority(other))


def _question(snapshot: Snapshot, asked: TrialQuestion, now: float) -> Question:
    request = asked.request
    known = know(snapshot, request.customer, asked.profile, now)
    moment = Moment(now, request.channel, request.intent, request.locale, request.context)
    return Question(request, known, moment, limits=asked.limits)


def _first(snapshot: Snapshot, resolution: Resolution) -> dict[str, str]:
    ids = snapshot.policy.catalogue.ids
    picked = ((placed.placement.name, placed.picked.actions) for placed in resolution.placed)
    return {name: ids[actions[0]] if actions else "" for name, actions in picked}


def _priority(resolution: Resolution) -> float:
    rows = (resolution.row_of(placed.picked.actions[0]) for placed in resolution.placed if placed.picked.actions)
    return sum(resolution.scored.priority.item(row) for row in rows if row is not None)


def _stand_back() -> None:
    ends_with_parent(signal.SIGKILL)
    os.nice(POLITE)
