"""What a report says first, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from engine.page.figures import percent
from engine.report.agents import NO_REASON
from engine.report.groups import ARM_SAYS, Compared, Dealing, Group
from engine.report.report import Report
from engine.report.verdict import Against, Standing
from engine.report.voice import Heard, Said

BEFIT_SAYS = "as Befit decides"


def sentences(found: Report) -> Iterator[str]:
    """What matters first."""
    yield (
        f"{found.decisions:,} decisions for {found.customers:,} {found.customers_word} over {found.days:,.1f} days. "
        f"Money is {found.money.says}."
    )
    yield from _dealt(found.dealing)
    for one in found.compared:
        yield told(one, found.currency)
    yield from _teams(found)
    yield from _heard(found)
    yield from found.notes


def told(one: Compared, currency: str) -> str:
    """One comparison in money."""
    against = f"Against {one.group.id} ({says_of(one.group)})"
    sums = f"{one.extra:+,.0f} {currency} so far ({one.extra_low:+,.0f} to {one.extra_high:+,.0f})"
    lift = f", lift {one.money.lift.value:+.1%}" if one.money.says_lift else ""
    back = f" Each {currency} more of cost brought {one.return_on_cost:,.1f}." if one.return_on_cost else ""
    return f"{against}: {reading(one.money)}; {sums}{lift}.{back}"


def says_of(group: Group) -> str:
    """What a comparison group does differently."""
    return ARM_SAYS.get(group.arm, "an earlier group")


def reading(one: Against) -> str:
    """Whether a difference is there, or when that will be known."""
    if one.standing is Standing.OPEN:
        return f"not enough data yet, {until_sure(one)}"
    return "more, for sure" if one.difference > 0.0 else "less, for sure"


def until_sure(one: Against) -> str:
    """How long an open question stays open."""
    if one.more_days is None:
        return "no difference in sight"
    return "about a day more" if one.more_days < 1.5 else f"about {one.more_days:,.0f} more days"


def _dealt(dealing: Dealing) -> Iterator[str]:
    if not dealing.broken:
        return
    if dealing.otherwise:
        yield (
            f"DO NOT TRUST THE COMPARISONS: {dealing.otherwise:,} of {dealing.checked:,} are not in the group that the "
            "policy deals them."
        )
    else:
        yield (
            "DO NOT TRUST THE COMPARISONS: the groups do not have their shares "
            f"(by chance alone: {dealing.probability:.2g}). Something adds or loses customers of one group."
        )


def _teams(found: Report) -> Iterator[str]:
    agents = [one for one in found.agents if one.level == "agent"]
    proposals = sum(one.followed + one.overridden for one in agents)
    if not proposals:
        return
    followed = sum(one.followed for one in agents)
    if followed == proposals:
        yield f"Agents followed all of {proposals:,} proposals."
        return
    reason = next((one.reason for one in found.overridden if one.reason != NO_REASON), "")
    why = f", most often because of {reason}" if reason else ""
    yield f"Agents followed {percent(followed / proposals)} of {proposals:,} proposals and overrode the others{why}."


def _heard(found: Report) -> Iterator[str]:
    told = [one for one in found.voice if one.subject != NO_REASON]
    first = {kind: next((one for one in told if one.kind is kind), None) for kind in Heard}
    words = (
        (Heard.REJECTION, "The objection with most money behind it"),
        (Heard.COMPLAINT, "The complaint with most money behind it"),
        (Heard.REQUEST, "Asked for and not there, with most money behind it"),
        (Heard.GAP, "The gap in the data with most money behind it"),
    )
    for kind, says in words:
        one = first[kind]
        if one is not None:
            missed = f"; missed: {one.missed:,.0f} {found.currency}" if one.missed else ""
            worth = f" worth {one.money:,.0f} {found.currency}" if one.money else ""
            by = f"by {one.customers:,} {found.customers_word}{worth}"
            yield f"{says}: {one.subject} ({said_of(one)}), {one.times:,} times {by}{missed}."


def said_of(one: Said) -> str:
    """What something is said of."""
    return one.about or one.group or "of everything"
