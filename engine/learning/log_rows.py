"""Contacts of the log as the models' columns: the customer's features, the moment, the pair - as decisions had them."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt

from engine.history_terms import setting_of
from engine.resolution import Question
from engine.snapshot import Snapshot
from models.features import FeatureSchema
from models.gather import Gather
from models.inputs import MomentEncoder, MomentSeen, customer_inputs, moment_inputs
from models.manifest import Input

Row = npt.NDArray[np.float32]


class LogRows:
    """Turns questions into rows of customer and moment inputs under one snapshot's features and policy."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._customer = customer_inputs(snapshot.schema)
        moment = moment_inputs(setting_of(snapshot.policy.policy))
        self._encoder = MomentEncoder(moment)
        self._places = np.array([snapshot.schema.index(one.feature) for one in self._customer], dtype=np.intp)
        self._gathers: dict[bytes, Gather] = {}
        self._missing = np.full(len(snapshot.schema), np.nan, dtype=np.float32)
        self.inputs: tuple[Input, ...] = (*self._customer, *moment)

    def row(self, question: Question) -> Row:
        """float32 (len(inputs),) of one question; what was not known is NaN."""
        return np.concatenate((self._body(question)[self._places], self._encoder.encode(self._seen(question))))

    def _body(self, question: Question) -> Row:
        known = question.known
        if known.vector is None or known.schema is None:
            return self._missing
        return self._gather(known.schema).gather(known.vector)

    def _gather(self, written: FeatureSchema) -> Gather:
        gather = self._gathers.get(written.hash)
        if gather is None:
            gather = self._gathers.setdefault(written.hash, Gather(written, self._snapshot.schema))
        return gather

    def _seen(self, question: Question) -> MomentSeen:
        moment, policy = question.moment, self._snapshot.policy
        local = datetime.fromtimestamp(moment.now, policy.zone(question.known.standing.time_zone))
        channel = policy.policy.channels.get(moment.channel)
        direction = channel.direction.value if channel else ""
        hours = float(local.hour), float(local.isoweekday())
        return MomentSeen(moment.channel, direction, *hours, moment.intent, moment.context or {})
