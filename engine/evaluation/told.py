"""An evaluation as plain values: what `befit evaluate` prints as JSON, and makes its table of."""

from __future__ import annotations

from typing import Any

from engine.evaluation.evaluate import Evaluation
from engine.evaluation.promotion import Gate
from models.offpolicy import Estimate
from models.personal import Valued


def told(found: Evaluation, verdict: Gate | None = None) -> dict[str, Any]:
    """Money per choice, in the policy's currency; every interval is of 95 %. `gate` only where a champion was named."""
    judged = {} if verdict is None else {"gate": _gate(verdict)}
    return {
        **judged,
        "choices": found.choices,
        "customers": found.customers,
        "logged": _interval(found.logged),
        "refused": found.refused,
        "policy": _valued(found.policy) | {"nothing": found.nothing, "untried": found.untried},
        "baselines": {name: _valued(one) for name, one in found.baselines.items()},
        "arms": {name: _valued(one) for name, one in found.arms.items()},
        "better_than": {name: _interval(one) for name, one in found.better.items()},
    }


def _gate(verdict: Gate) -> dict[str, Any]:
    better = _interval(verdict.better) | {"low": verdict.low, "high": verdict.high}
    return {"promoted": verdict.promoted, "why": verdict.why, "better": better}


def _valued(one: Valued) -> dict[str, Any]:
    weights = one.support
    return {
        **({} if weights.refused else {name.value: _interval(found) for name, found in one.estimates.items()}),
        "refused": weights.refused,
        "support": {
            "effective_rows": weights.effective,
            "mean_weight": weights.mean,
            "wanted_mean": weights.wanted,
            "largest_weight": weights.largest,
            "followed": weights.followed,
        },
    }


def _interval(found: Estimate) -> dict[str, float]:
    return {"value": found.value, "low": found.low, "high": found.high, "standard_error": found.standard_error}
