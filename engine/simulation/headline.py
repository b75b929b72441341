"""What a comparison found, in sentences: what matters first."""

from __future__ import annotations

from collections.abc import Iterator

from engine.page.figures import percent, relative
from engine.simulation.boost import Boost
from engine.simulation.change import boost_of
from engine.simulation.comparison import Comparison, in_words, net


def headline(found: Comparison) -> Iterator[str]:
    """What matters first, in sentences."""
    tally, totals, money = found.tally, found.totals, found.currency
    yield f"{found.before.label} against {found.after.label}, over {found.asked_of}."
    yield (
        f"{percent(found.changed_share)} of {tally.decisions:,} decisions change: another action comes first in "
        f"{tally.changed:,}; in {tally.reordered:,} more only later places differ."
    )
    worth = (net(totals.before), net(totals.after))
    yield (
        f"Expected value less cost: {worth[0]:,.2f} {money} before, {worth[1]:,.2f} {money} after "
        f"({relative(*worth)}); contacts: {totals.before.contacts:,} before, {totals.after.contacts:,} after."
    )
    if tally.left_by:
        first, count = tally.left_by.most_common(1)[0]
        yield (
            f"Offered something before and nothing after: {counted_as(len(tally.customers_left_out), 'customer')}, "
            f"most often ({counted_as(count, 'decision')}) because of {in_words(first)}."
        )
    if tally.given:
        yield f"Nothing before and something after: in {counted_as(tally.given, 'decision')}."
    yield from _beside(found)


def _beside(found: Comparison) -> Iterator[str]:
    """What was not compared, and the boost that was looked for."""
    for why, count in found.tally.skipped.most_common():
        yield f"{count:,} questions were left out: {why}."
    if found.unseen:
        yield (
            f"The policies differ in {', '.join(found.unseen)} too, of which no decision tells; cases can try that: "
            "befit policy test."
        )
    if found.boost is not None:
        yield _boosted(found.boost)


def counted_as(count: int, what: str) -> str:
    """So many of a thing."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _boosted(boost: Boost) -> str:
    aim = boost.aim
    where = f"{aim.action} comes first in {aim.channel}.{aim.placement}"
    today = f"{boost.decisions:,} decisions at its boost of {boost_of(boost.now_factor)} today"
    now = f"{where} in {percent(boost.now)} of {today}"
    if boost.factor is None:
        return (
            f"{now}; no boost makes that {percent(aim.share)}: it is allowed in {boost.allowed:,} of them, and the "
            f"largest boost reaches {percent(boost.reached)}."
        )
    needed = boost_of(boost.factor)
    return (
        f"{now}. A boost of {needed} (lever.{aim.action}={needed}) makes that {percent(boost.reached)} "
        f"({percent(boost.below)} just below it)."
    )
