"""A customer as tables for business people: how they stand, what was proposed, what rests, what they agreed to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from engine.cli.tables import table
from rules.template import shown

_GROUNDS = {
    1: "its condition holds",
    2: "it is for everyone whom no other tier takes",
    3: "held before, and its condition to keep it holds",
    4: "held before, and the minimum stay is not over",
}
"""By the number that TierGrounds has in the contract."""
_HOLDS = {True: "yes", False: "no", None: "not known"}


def customer_parts(found: Any, word: str = "customer") -> Iterator[RenderableType]:
    """What to print of a customer, in order; `word` is what the policy calls one."""
    yield _heading(found, word)
    if found.HasField("tier_standing"):
        yield from _standing(found.tier_standing, word)
    view = found.view
    yield from _listed("contacts", ("when", "action", "channel", "outcome"), map(_contact, view.recent_contacts))
    offers = ((one.action_id, _time(one.valid_until)) for one in view.open_offers)
    yield from _listed("offers that stand", ("action", "until"), offers)
    pauses = ((one.action_id, _time(one.until), one.cause) for one in view.pauses)
    yield from _listed("what rests", ("action", "until", "because of"), pauses)
    yield from _listed("open cases", ("case", "subject"), ((one.case_id, one.subject) for one in view.open_cases))
    due = ((one.text, _time(one.due_at) if one.HasField("due_at") else "", one.promised_by) for one in view.promises)
    yield from _listed("promises", ("what", "due", "by"), due)
    agreed = ((key, "yes" if given else "no") for key, given in sorted(found.consent.items()))
    yield from _listed("consent", ("channel:purpose", "given"), agreed)
    features = ((name, _value(value)) for name, value in sorted(view.features.items()))
    yield from _listed("features", ("feature", "value "), features)


def lifted_parts(answer: Any) -> RenderableType:
    """What no longer rests."""
    rows = ((one.action_id, _time(one.until), one.cause) for one in answer.lifted)
    return table("may be proposed again", ("action", "rested until", "because of"), rows)


def _heading(found: Any, word: str) -> Text:
    lines = [Text.assemble((f"{word.capitalize()} ", "bold"), found.customer_id)]
    if found.tier:
        since = f" since {_time(found.tier_since)}" if found.HasField("tier_since") else ""
        lines.append(Text(f"Tier at the last decision: {found.tier}{since}"))
    if found.personalisation_off:
        lines.append(Text("Personalisation is off: decisions read no personal feature.", style="yellow"))
    if found.HasField("features_age_seconds"):
        lines.append(Text(f"Features are {found.features_age_seconds / 3600:.1f} hours old", style="dim"))
    return Text("\n").join(lines)


def _standing(standing: Any, word: str) -> Iterator[RenderableType]:
    kept = f", kept at least until {_time(standing.kept_until)}" if standing.HasField("kept_until") else ""
    why = _GROUNDS.get(standing.grounds, "")
    yield Text.assemble(("Tier now ", "bold"), f"{standing.tier}: {why}{kept}; value {standing.direction}")
    columns = ("comparison", "observed ", "required ", "holds")
    yield from _listed("why this tier", columns, map(_comparison, standing.because))
    if standing.next_tier:
        yield Text.assemble(
            (f"What would lift the {word} to ", "bold"), standing.next_tier, ": ", standing.next_condition
        )
    yield from _listed("", columns, map(_comparison, standing.lift))


def _listed(title: str, columns: tuple[str, ...], rows: Any) -> Iterator[RenderableType]:
    told = list(rows)
    if told:
        yield table(title, columns, told)


def _comparison(one: Any) -> tuple[str, str, str, str]:
    holds = one.holds if one.HasField("holds") else None
    return one.comparison, one.observed or "not known", one.required, _HOLDS[holds]


def _contact(one: Any) -> tuple[str, str, str, str]:
    return _time(one.at), one.action_id or "(gone)", one.channel, one.outcome.lower().replace("_", " ")


def _value(value: Any) -> str:
    return shown(getattr(value, value.WhichOneof("value"))) or ""


def _time(stamp: Any) -> str:
    return datetime.fromtimestamp(stamp.seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
