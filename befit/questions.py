"""Questions in plain Python, turned into requests for decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict, cast

from befit.errors import InvalidRequest
from befit.plain import Value, context_values, refuse_unknown
from befit.v1.decide_pb2 import Audience, DecideRequest, Trace


class DecideOptions(TypedDict, total=False):
    """What a question may say besides who and where; each as the field of DecideRequest with the same name."""

    intent: str
    context: Mapping[str, Value]
    session_id: str
    locale: str
    placements: Sequence[str]
    max_actions: int
    request_id: str
    follows_decision_id: str
    exclude: Sequence[str]
    view: bool
    dry_run: bool
    trace: Literal["NONE", "REASONS", "FULL"]
    audience: Literal["CUSTOMER", "AGENT", "ANALYST"]


def decide_request(customer_id: str, channel: str, options: DecideOptions) -> DecideRequest:
    """The request. Raises InvalidRequest when an option is unknown or a value has the wrong type; the server holds it
    against the policy."""
    refuse_unknown(cast("Mapping[str, object]", options), DecideOptions)
    try:
        return DecideRequest(
            customer_id=customer_id,
            channel=channel,
            intent=options.get("intent", ""),
            context=context_values(options.get("context", {})),
            session_id=options.get("session_id", ""),
            locale=options.get("locale", ""),
            placements=options.get("placements", ()),
            max_actions=options.get("max_actions", 0),
            request_id=options.get("request_id", ""),
            follows_decision_id=options.get("follows_decision_id", ""),
            exclude=options.get("exclude", ()),
            view=options.get("view", False),
            dry_run=options.get("dry_run", False),
            trace=Trace.Value(f"TRACE_{options.get('trace', 'UNSPECIFIED')}"),
            audience=Audience.Value(f"AUDIENCE_{options.get('audience', 'UNSPECIFIED')}"),
        )
    except OverflowError as error:
        raise InvalidRequest(str(error), "out-of-range") from error
    except (TypeError, ValueError) as error:
        raise InvalidRequest(str(error), "wrong-type") from error
