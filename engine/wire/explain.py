"""What explains an action beside its reasons, as wire messages."""

from __future__ import annotations

from collections.abc import Mapping

from befit.v1 import explain_pb2
from engine.explaining.told import Change, ChangeKind, Contribution, Counterfactual
from engine.wire.view import feature_value

_KINDS: Mapping[ChangeKind, explain_pb2.ChangeKind.ValueType] = {
    kind: explain_pb2.ChangeKind.Value(f"CHANGE_KIND_{kind}") for kind in ChangeKind
}


def counterfactual_message(found: Counterfactual) -> explain_pb2.Counterfactual:
    """What would have changed the answer."""
    return explain_pb2.Counterfactual(changes=map(_change, found.changes), sentence=found.sentence)


def contribution_message(found: Contribution) -> explain_pb2.Contribution:
    """What one input did."""
    return explain_pb2.Contribution(
        input=found.input,
        meaning=found.meaning,
        value=None if found.value is None else feature_value(found.value),
        effect=found.effect,
        sentence=found.sentence,
    )


def _change(change: Change) -> explain_pb2.Change:
    return explain_pb2.Change(
        kind=_KINDS[change.kind],
        target=change.target,
        before=None if change.before is None else feature_value(change.before),
        after=None if change.after is None else feature_value(change.after),
        rule_id=change.rule,
    )
