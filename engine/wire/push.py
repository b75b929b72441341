"""Messages that are handed out, and what is said of them, on the wire."""

from __future__ import annotations

from collections.abc import Mapping

from befit.v1 import push_pb2
from engine.refusal import Refusal
from engine.triggers.sending import Report, Sent
from engine.triggers.store import Claimed
from engine.wire.request import plain_refusal
from engine.wire.view import stamp

MOST_IN_FLIGHT, IN_FLIGHT = 1000, 10
MAX_CHANNELS = 64
_RESULTS: Mapping[int, Sent] = {
    push_pb2.PUSH_RESULT_SENT: Sent.SENT,
    push_pb2.PUSH_RESULT_FAILED: Sent.FAILED,
    push_pb2.PUSH_RESULT_UNDELIVERABLE: Sent.UNDELIVERABLE,
}


def subscription_refusal(wire: push_pb2.Subscription) -> Refusal | None:
    """What does not hold of a subscription."""
    if not 1 <= len(wire.channels) <= MAX_CHANNELS:
        return Refusal("list-length", f"must have 1 to {MAX_CHANNELS} entries", "channels")
    if wire.in_flight > MOST_IN_FLIGHT:
        return Refusal("too-many", f"must be at most {MOST_IN_FLIGHT}", "in_flight")
    return None


def read_report(wire: push_pb2.PushReport) -> Report | Refusal:
    """What became of a message, or what does not hold of the report."""
    if wire.result not in _RESULTS:
        return Refusal("result-missing", "must be SENT, FAILED or UNDELIVERABLE", "result")
    refusal = plain_refusal(wire.reason, "reason", 256) or plain_refusal(wire.customer_id, "customer_id", 128)
    return refusal or Report(_RESULTS[wire.result], wire.reason)


def push_message(claimed: Claimed) -> push_pb2.PushMessage:
    """A message that is handed out."""
    name, message, decided = claimed.held.name, claimed.message, claimed.message.decided
    assert decided is not None
    return push_pb2.PushMessage(
        message_id=name.message_id,
        customer_id=decided.customer,
        channel=name.channel,
        trigger=name.trigger,
        collapse_key=name.collapse_key,
        decision_id=decided.decision_id,
        action_id=decided.action,
        treatment_id=decided.treatment,
        content=decided.content,
        send_at=stamp(decided.send_at),
        expires_at=stamp(message.expires_at),
        failures=message.tries,
    )
