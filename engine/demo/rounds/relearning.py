"""From the log to what is in force: learn from its earlier part, judge on the later part, promote what is better."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.batch import greedy
from engine.evaluation.judging import PastChoices, judged
from engine.evaluation.promotion import Gate
from engine.evaluation.tried import NothingToEvaluate
from engine.history_terms import history_terms
from engine.learning.log_contacts import LogContact
from engine.learning.log_history import log_history
from engine.learning.log_source import contacts_of
from engine.snapshot import Snapshot, snapshot_of
from models.bundle import load_bundle
from models.bundle_writer import write_bundle
from models.split import HistoryTooSmall
from models.train import TrainSettings, train

TRIAL_SECONDS = 60.0
"""How long a bundle may take to load on its trial: nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Relearnt:
    """What is in force from now on, and why; `gate` is None where there was no challenger to judge."""

    champion: Snapshot
    why: str
    gate: Gate | None = None

    @property
    def promoted(self) -> bool:
        return self.gate is not None and self.gate.promoted


@dataclass(frozen=True, slots=True)
class Challenge:
    """Into which folder the challenger's bundle goes, and how it is trained."""

    bundle: Path
    settings: TrainSettings


def relearn(champion: Snapshot, log: Path, cut: float, challenge: Challenge) -> Relearnt:
    """Train a challenger on the log before `cut` (s), judge both on what came after, and let the challenger take the
    champion's place where it has proved better.

    Raises BundleUnwritable, BundleRefused, LogMissing, OSError.
    """
    try:
        challenger = _learnt(champion, contacts_of(log, champion, until=cut), challenge)
        past = PastChoices(now=cut, log=log, since=cut)
        verdict = judged(greedy(challenger), greedy(champion), past).verdict
    except (HistoryTooSmall, NothingToEvaluate) as reason:
        return Relearnt(champion, str(reason))
    assert verdict is not None
    return Relearnt(challenger if verdict.promoted else champion, verdict.why, verdict)


def _learnt(champion: Snapshot, contacts: Iterable[LogContact], challenge: Challenge) -> Snapshot:
    policy, schema = champion.policy, champion.schema
    history = log_history(contacts, champion)
    now = float(history.at.max())
    trained = train(history, history_terms(schema, policy.policy), challenge.settings, now, lambda _step, _done: None)
    write_bundle(challenge.bundle, trained.parts)
    return snapshot_of(policy, schema, load_bundle(challenge.bundle, TRIAL_SECONDS))
