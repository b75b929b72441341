"""The choices of history tables: every row that is closed and has a probability, asked again as it was met.

A row's reward is the amount that the history has, else what the policy says that a success gains, less what the contact
costs. Customers are met without earlier contacts, and whoever was contacted had agreed to it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from engine.decision import Request
from engine.evaluation.tried import NothingToEvaluate, Settled, Tried
from engine.history_appraisal import appraised
from engine.history_rows import bodies, moments
from engine.ids import CustomerKey
from engine.profile import Known
from engine.resolution import Question
from engine.snapshot import Snapshot
from engine.store import Profile
from models.history import History
from models.history_check import Terms
from models.manifest import InputScope, InputType
from models.matrix import training_matrix
from models.offpolicy import Logged
from models.reward_model import Contexts
from rules.ledger import Ledger
from rules.policy import Policy
from rules.situation import Standing

Indexes = npt.NDArray[np.intp]
TENANT = "default"
_OF_THE_ROW = (InputScope.CUSTOMER, InputScope.MOMENT)


def history_choices(history: History, snapshot: Snapshot, terms: Terms) -> Tried:
    """The choices of a history. Raises NothingToEvaluate."""
    known = np.flatnonzero((history.probability > 0.0) & (history.probability <= 1.0))
    settled = Settled.of(history.at[known], history.results.closed[known])
    rows = known[settled.rows]
    if not len(rows):
        raise NothingToEvaluate(
            "no row of the history is closed and tells with which probability its action was chosen "
            "(column `probability`, above 0 and up to 1)"
        )
    logged = Logged(_reward(history, snapshot)[rows], history.probability[rows], history.customers[rows])
    tried = np.unique(history.actions[rows])
    return Tried(
        logged=logged,
        actions=history.actions[rows],
        tried=tried,
        contexts=_contexts(history, terms, rows, tried),
        questions=_questions(history, snapshot, rows),
        first=float(history.at[rows].min()),
        last=float(history.at[rows].max()),
        open=settled.open,
    )


def unknown_chances(history: History) -> list[str]:
    """What to say of closed rows whose probability is not told."""
    closed = history.results.closed
    many = int((closed & np.isnan(history.probability)).sum())
    if not many:
        return []
    told = f"{many:,} of {int(closed.sum()):,} closed rows do not tell their probability and are left out"
    return [f"{told}: if they were chosen otherwise, this does not speak for them"]


def _reward(history: History, snapshot: Snapshot) -> npt.NDArray[np.float64]:
    said = appraised(history, snapshot.policy, snapshot.schema).appraisal
    assert said is not None
    results = history.results
    return np.where(results.rewarded, results.rewards, results.success * said.gain - said.cost)


def _contexts(history: History, terms: Terms, rows: Indexes, tried: Indexes) -> Contexts:
    """Customer and moment as the model knows them, and for the action no more than which one it is."""
    matrix = training_matrix(history, terms)
    shared = [place for place, one in enumerate(matrix.inputs) if one.scope in _OF_THE_ROW]
    codes = [place for place, one in enumerate(shared) if matrix.inputs[one].type is InputType.CATEGORY]
    actions = np.arange(len(tried), dtype=np.float32)[:, None]
    return Contexts(matrix.rows[rows][:, shared], actions, (*codes, len(shared)))


def _questions(history: History, snapshot: Snapshot, rows: Indexes) -> Iterator[Question]:
    reading, policy = snapshot.readings[snapshot.schema.hash], snapshot.policy.policy
    consent = dict.fromkeys(_asked_consents(policy), True)
    met = zip(bodies(history, snapshot.schema, rows), moments(history, policy, rows), strict=True)
    for row, (body, moment) in zip(rows.tolist(), met, strict=True):
        key = CustomerKey(TENANT, str(history.customer_ids[row]))
        standing = Standing(Ledger(), (), consent)
        known = Known(key, reading.values(body).values, body, reading.written, standing, None, (), Profile())
        yield Question(Request(key, moment.channel, moment.intent, context=moment.context or {}), known, moment)


def _asked_consents(policy: Policy) -> Iterator[str]:
    """What customers must have agreed to: whoever was contacted had."""
    for rule in policy.contact.consent:
        for channel in rule.channels or policy.channels:
            yield f"{channel}:{rule.purpose}"
