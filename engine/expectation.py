"""What the model expects of each action for a customer at a moment: a bundle linked to one catalogue.

Everything that does not depend on the customer is computed when policy or bundle change: the actions' side of
the trees, their calibration, their evidence. Contacts (offers, messages, asks) have a propensity; kinds that are
no contacts have P = 1. Without a bundle a contact has its policy's starting propensity, or 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.action_table import action_table
from models.bundle import Bundle
from models.evidence import Evidence, Smoothing
from models.features import FeatureSchema
from models.gather import Gather
from models.inputs import MomentEncoder, MomentSeen, action_matrix
from models.manifest import InputScope
from models.pair import PAIR_INPUTS, Contacts, PairInputs
from rules.ledger import Ledger
from rules.policy import CONTACT_KINDS, Policy

Rows = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


class Expected(NamedTuple):
    """Propensities of the chosen actions, float64 (k,), and the float32 inputs they came from: customer (n,),
    moment (m,), pair (k, p); empty where no model spoke."""

    propensity: Floats
    customer: Rows
    moment: Rows
    pair: Rows


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the model: the customer's vector under its schema (None = none), contacts, the moment."""

    vector: Rows | None
    schema: FeatureSchema | None
    ledger: Ledger
    moment: MomentSeen
    now: float


_EMPTY: Rows = np.empty(0, dtype=np.float32)


class Expectation:
    """A bundle (or none) as it applies to one policy's catalogue."""

    def __init__(self, policy: Policy, bundle: Bundle | None) -> None:
        table = action_table(policy)
        self.bundle = bundle
        self.revision = bundle.revision if bundle else ""
        self.modelled = table.contacts
        self._start = _starting(policy)
        self.evidence = np.zeros(len(table))
        if bundle is None:
            return
        manifest = bundle.manifest
        self._wanted = bundle.customer_schema
        self._gathers: dict[bytes, Gather] = {}
        self._moment = MomentEncoder(manifest.uses(InputScope.MOMENT))
        self._actions = bundle.scorer.prepare_actions(action_matrix(manifest.uses(InputScope.ACTION), table))
        self._pairs = PairInputs(table)
        order = [PAIR_INPUTS.index(one) for one in manifest.uses(InputScope.PAIR)]
        self._pair_order = np.array(order, dtype=np.intp)
        self._calibration = bundle.calibration.over(table.ids)
        self._smoothing, self.evidence = _smoothing(policy, bundle)

    def of(self, asked: Asked, chosen: Indexes) -> Expected:
        """The propensities of the actions with these catalogue indexes."""
        modelled = self.modelled[chosen]
        propensity = np.where(modelled, self._start[chosen], 1.0)
        if self.bundle is None or not modelled.any():
            return Expected(propensity, _EMPTY, _EMPTY, _EMPTY)
        asked_of = chosen[modelled]
        customer = self._customer(asked)
        moment = self._moment.encode(asked.moment)
        pair = self._pair(asked, asked_of)
        raw = self.bundle.scorer.propensity(
            self.bundle.scorer.score(customer, moment, self._actions, asked_of, pair)
        )
        calibrated = self._calibration.apply(asked_of, raw)
        propensity[modelled] = self._smoothing.smooth(asked_of, calibrated)
        return Expected(propensity, customer, moment, pair)

    def _customer(self, asked: Asked) -> Rows:
        if asked.vector is None or asked.schema is None:
            return np.full(len(self._wanted), np.nan, dtype=np.float32)
        gather = self._gathers.get(asked.schema.hash)
        if gather is None:
            gather = self._gathers.setdefault(asked.schema.hash, Gather(asked.schema, self._wanted))
        return gather(asked.vector)

    def _pair(self, asked: Asked, chosen: Indexes) -> Rows:
        if not len(self._pair_order):
            return np.empty((len(chosen), 0), dtype=np.float32)
        contacts = asked.ledger.contacts
        seen = Contacts(contacts["action"], contacts["at"], contacts["outcome"])
        rows = self._pairs.rows(seen, chosen, asked.now)
        return rows if len(self._pair_order) == rows.shape[1] else rows[:, self._pair_order]


def _starting(policy: Policy) -> Floats:
    return np.array([action.starting[0] if action.starting else 1.0 for action in policy.actions])


def _smoothing(policy: Policy, bundle: Bundle) -> tuple[Smoothing, Floats]:
    """Evidence per action from closed outcome windows of training, starting from the policy's own figure or the
    rate of the action's group."""
    raise NotImplementedError


def contact_mask(policy: Policy) -> int:
    """The actions that are contacts, as a bitmask over the catalogue."""
    return sum(1 << index for index, action in enumerate(policy.actions) if action.kind in CONTACT_KINDS)


__all__ = ["Asked", "Evidence", "Expectation", "Expected", "contact_mask"]
