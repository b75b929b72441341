"""The choices of the log: first places that had a known probability, doing nothing included, and what they earned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from engine.arbitrate import NOTHING
from engine.evaluation.tried import GONE, NothingToEvaluate, Settled, Tried
from engine.learning.log_contacts import LogContact
from engine.learning.log_rows import LogRows
from engine.resolution import Question
from engine.snapshot import Snapshot
from models.manifest import InputType
from models.offpolicy import Logged
from models.reward_model import Contexts


def log_choices(contacts: Iterable[LogContact], snapshot: Snapshot) -> Tried:
    """The choices among the contacts that can be weighed and whose result is settled. Raises NothingToEvaluate."""
    firsts = [one for one in contacts if one.probability is not None]
    at = np.array([one.record.now for one in firsts], dtype=np.float64)
    settled = Settled.of(at, np.array([one.closed for one in firsts], dtype=np.bool_))
    kept = [one for one, judges in zip(firsts, settled.rows.tolist(), strict=True) if judges]
    if not kept:
        raise NothingToEvaluate("the log holds no settled first place whose probability is known")
    customers = np.array([f"{one.record.tenant}\x1f{one.record.customer}" for one in kept])
    actions = np.array([_action(one) for one in kept], dtype=np.intp)
    tried = np.unique(actions)
    return Tried(
        logged=Logged(
            reward=np.array([one.reward for one in kept]),
            probability=np.array([one.probability for one in kept], dtype=np.float64),
            customer=np.unique(customers, return_inverse=True)[1],
        ),
        actions=actions,
        tried=tried,
        contexts=_contexts(kept, snapshot, len(tried)),
        questions=[_asked(one, snapshot) for one in kept],
        first=min(one.record.now for one in kept),
        last=max(one.record.now for one in kept),
        placements=tuple(one.placement for one in kept),
        open=settled.open,
    )


def _action(contact: LogContact) -> int:
    if contact.gone:
        return GONE
    return NOTHING if contact.action is None else contact.action


def _asked(contact: LogContact, snapshot: Snapshot) -> Question:
    """What to fill this place with, where earlier placements showed what they did: the probability that is logged is
    the one given that."""
    question = contact.question
    channel = snapshot.policy.policy.channels.get(question.request.channel)
    if channel is None or contact.placement not in channel.placements:
        return question
    asked = replace(
        question.request, placements=(contact.placement,), exclude=(*question.request.exclude, *contact.shown)
    )
    return replace(question, request=asked)


def _contexts(kept: Sequence[LogContact], snapshot: Snapshot, tried: int) -> Contexts:
    rows = LogRows(snapshot)
    values = np.array([rows.row(one.question) for one in kept])
    codes = [place for place, one in enumerate(rows.inputs) if one.type is InputType.CATEGORY]
    actions = np.arange(tried, dtype=np.float32)[:, None]
    return Contexts(values, actions, (*codes, len(rows.inputs)))
