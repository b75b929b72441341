"""What the model expects of each action for a customer at a moment: a bundle linked to one catalogue.

Everything that does not depend on the customer is computed when policy or bundle change: the actions' side of
the trees, their calibration, their evidence. Contacts (offers, messages, asks) have a propensity; kinds that are
no contacts have P = 1. Without a bundle a contact has its policy's starting propensity, or 1. A bundle whose
personalisation was found to be noise serves a table of rates by tier and action instead of its trees.
"""

from __future__ import annotations

import copy
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from engine.action_table import action_table
from engine.last_outcomes import LastOutcomes
from engine.learning.starts import Grounds
from engine.learning.store import Learned
from models.actions import ActionTable
from models.bundle import Bundle
from models.evidence import Evidence, Starting, smoothing
from models.features import FeatureSchema
from models.gather import Gather
from models.inputs import MomentEncoder, MomentSeen, action_matrix
from models.manifest import InputScope
from models.pair import LAST_OUTCOMES, PAIR_NAMES, PairInputs
from models.scoring import scope_columns
from models.served import Level
from models.trained_evidence import trained_evidence
from rules.ledger import Ledger
from rules.policy import Policy

Rows = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]
UNDECLARED_EVIDENCE = 20.0
"""How many contacts the rate of all actions counts for where the policy declares no start for an action."""

MATURE = 200.0
"""Closed windows at which an action is explored 1 / sqrt(2) as much as a new one."""


class Expected(msgspec.Struct, frozen=True):
    """Propensities of the chosen actions, float64 (k,); `raw` is what the model said before calibration and smoothing,
    the propensity itself where it did not speak. And the float32 inputs they came from: customer (n,), moment (m,),
    pair with one row per modelled action (j, p); empty where no model spoke."""

    propensity: Floats
    raw: Floats
    customer: Rows
    moment: Rows
    pair: Rows


class Asked(NamedTuple):
    """What is asked of the model: the customer's vector under its schema (None = none) and tier, contacts, the
    moment."""

    vector: Rows | None
    schema: FeatureSchema | None
    tier: int
    ledger: Ledger
    moment: MomentSeen
    now: float


_NUMBERED = "#"
"""Before the number of learned counts in a record; without it stands the bundle, whose training is all there was."""

_EMPTY: Rows = np.empty(0, dtype=np.float32)


class Expectation:
    """A bundle (or none) as it applies to one policy's catalogue.

    `modelled` (bool) and `curiosity` (how much exploration favours it, > 0) have one entry per action.
    """

    def __init__(self, policy: Policy, bundle: Bundle | None) -> None:
        table = action_table(policy)
        self.bundle = bundle
        self.revision = bundle.revision if bundle else ""
        self.modelled = table.contacts
        self.counts_revision = self.revision
        self.learned = 0
        evidence = trained_evidence(bundle.manifest, table.ids) if bundle else Evidence(*np.zeros((2, len(table))))
        starting = _starting(policy, table, _pooled(evidence))
        self._grounds = Grounds.of(policy, starting, evidence)
        self.starts = self._grounds.starts(Learned())
        self._smoothing = smoothing(starting, evidence)
        self.curiosity = _curiosity(evidence.closed)
        if bundle is None:
            return
        self._table = _table(bundle, policy, table)
        self._wanted = bundle.customer_schema
        self._gathers: dict[bytes, Gather] = {}
        self._moment = MomentEncoder(bundle.uses(InputScope.MOMENT))
        self._actions = bundle.scorer.prepare_actions(action_matrix(bundle.uses(InputScope.ACTION), table))
        self._pairs = PairInputs(table)
        pair = bundle.uses(InputScope.PAIR)
        self._last_outcomes = LastOutcomes(next((one.values for one in pair if one.values), LAST_OUTCOMES))
        self._pair_order = np.array([PAIR_NAMES.index(one.name) for one in pair], dtype=np.intp)
        self._calibration = bundle.calibration.over(table.ids)

    def without_model(self, chosen: Indexes) -> Expected:
        """What is expected where the model must not be asked: the starting propensities."""
        return self._unmodelled(self.starts.anywhere, chosen)

    def with_learned(self, learned: Learned) -> Expectation:
        """The same with other counts of what contacts came to: young actions start from them."""
        other = copy.copy(self)
        other.learned = learned.number
        other.counts_revision = f"{_NUMBERED}{learned.number}" if learned.number else self.revision
        other.starts = self._grounds.starts(learned)
        other.curiosity = _curiosity(other.starts.closed)
        return other

    def _unmodelled(self, start: Floats, chosen: Indexes) -> Expected:
        propensity = np.where(self.modelled[chosen], start[chosen], 1.0)
        return Expected(propensity, propensity, _EMPTY, _EMPTY, _EMPTY)

    def of(self, asked: Asked, chosen: Indexes) -> Expected:
        """The propensities of the actions with these catalogue indexes."""
        modelled = self.modelled.take(chosen)
        start = self.starts.of(asked.tier, asked.moment.channel)
        if self.bundle is None or not np.count_nonzero(modelled):
            return self._unmodelled(start, chosen)
        if self._table is not None:
            return self._from_table(asked.tier, start, chosen)
        propensity, raw = np.ones((2, len(chosen)))
        asked_of = chosen[modelled]
        customer = self._customer(asked)
        moment = self._moment.encode(asked.moment)
        pair = self._pair(asked, asked_of)
        margins = self.bundle.scorer.score(customer, moment, self._actions, asked_of, pair)
        raw[modelled] = said = self.bundle.scorer.propensity(margins)
        propensity[modelled] = self._smoothing.apply(asked_of, self._calibration.apply(asked_of, said), start)
        return Expected(propensity, raw, customer, moment, pair)

    def _from_table(self, tier: int, start: Floats, chosen: Indexes) -> Expected:
        """Rates that are the same for everyone of a tier; an action without one has its starting propensity."""
        assert self._table is not None
        rates = self._table[tier, chosen]
        known = self._smoothing.apply(chosen, np.nan_to_num(rates), start)
        smoothed = np.where(np.isnan(rates), start[chosen], known)
        propensity = np.where(self.modelled[chosen], smoothed, 1.0)
        return Expected(propensity, propensity, _EMPTY, _EMPTY, _EMPTY)

    def rows(self, parts: tuple[Rows, Rows, Rows], chosen: Indexes) -> Rows:
        """Whole rows of the model, float32 (k, n_inputs) in the bundle's order, for modelled actions with these
        indexes, out of customer (n,), moment (m,) and pair (k, p) parts. Empty without a bundle."""
        if self.bundle is None:
            return np.empty((len(chosen), 0), dtype=np.float32)
        columns = scope_columns(self.bundle.manifest.inputs)
        found = np.empty((len(chosen), len(self.bundle.manifest.inputs)), dtype=np.float32)
        customer, moment, pair = parts
        found[:, columns.customer], found[:, columns.moment] = customer, moment
        found[:, columns.action], found[:, columns.pair] = self._actions.matrix[chosen], pair
        return found

    def _customer(self, asked: Asked) -> Rows:
        if asked.vector is None or asked.schema is None:
            return np.full(len(self._wanted), np.nan, dtype=np.float32)
        gather = self._gathers.get(asked.schema.hash)
        if gather is None:
            gather = self._gathers.setdefault(asked.schema.hash, Gather(asked.schema, self._wanted))
        return gather.gather(asked.vector)

    def _pair(self, asked: Asked, chosen: Indexes) -> Rows:
        if not len(self._pair_order):
            return np.empty((len(chosen), 0), dtype=np.float32)
        rows = self._pairs.rows(self._last_outcomes.contacts(asked.ledger.columns), chosen, asked.now)
        return rows if len(self._pair_order) == rows.shape[1] else rows[:, self._pair_order]


def _table(bundle: Bundle, policy: Policy, actions: ActionTable) -> Floats | None:
    """The rates served instead of the model, (tiers, n_actions); None where the model is served."""
    served = bundle.manifest.served
    if served.level is Level.FULL:
        return None
    return served.table([tier.name for tier in policy.tiers], actions.ids)


def _starting(policy: Policy, table: ActionTable, pooled: float) -> Starting:
    """The policy's starting propensities; actions without one start from the rate of all actions, lightly."""
    declared = [action.starting or (pooled, UNDECLARED_EVIDENCE) for action in policy.actions]
    propensity, evidence = np.array(declared, dtype=np.float64).reshape(-1, 2).T
    return Starting(propensity, evidence, table.group_codes)


def number_of(counts_revision: str) -> int:
    """The number of the learned counts that a record names; 0 where there were none."""
    return int(counts_revision.removeprefix(_NUMBERED)) if counts_revision.startswith(_NUMBERED) else 0


def _curiosity(closed: Floats) -> Floats:
    found: Floats = 1.0 / np.sqrt(1.0 + closed / MATURE)
    return found


def _pooled(evidence: Evidence) -> float:
    closed = float(evidence.closed.sum())
    return float(evidence.successes.sum()) / closed if closed else 1.0
