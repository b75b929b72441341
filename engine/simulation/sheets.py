"""A comparison as tables of text, alike on a terminal and in a report."""

from __future__ import annotations

from collections import Counter

from engine.page.figures import counted, difference, percent
from engine.page.sheet import TERMINAL_ROWS, Column, Row, Sheet, cut, long, text
from engine.simulation.chosen import SHOWN, STAGES
from engine.simulation.comparison import Comparison, in_words, net
from engine.simulation.tally import CHANNEL, PLACEMENT, TIER, Part, Sums, Why
from engine.stage_words import STAGES as STAGE_WORDS

_NOTHING = "nothing"
_SIDES = (Column("before"), Column("after"), Column("difference"))


def sheets(found: Comparison, most: int = TERMINAL_ROWS) -> tuple[Sheet, ...]:
    """All tables, each with at most so many rows; one without rows has nothing to say."""
    tally = found.tally
    return (
        _totals(found),
        _parts(found, TIER, "By tier", "A decision counts for the tier that it had before.", most),
        _parts(found, CHANNEL, "By channel", "", most),
        _parts(found, PLACEMENT, "By placement", "", most),
        _actions(found, most),
        _switches(found, most),
        _whys(found, tally.displaced, ("No longer first", "What keeps an action from the first place it had."), most),
        _whys(found, tally.admitted, ("First now", "What had kept an action from the first place it has now."), most),
        _funnel(found),
        _removed(found, most),
        _moves(found, most),
        _whys(found, tally.left_by, ("Left with nothing", "What took the first of all that was offered before."), most),
        _left_out(found, most),
    )


def _totals(found: Comparison) -> Sheet:
    before, after = found.totals.before, found.totals.after
    kinds = (
        (f"expected value, {found.currency}", before.gain, after.gain),
        (f"cost of contacts, {found.currency}", before.cost, after.cost),
        (f"expected value less cost, {found.currency}", net(before), net(after)),
        (f"priority with manual boosts, {found.currency}", before.priority, after.priority),
    )
    rows = [(name, f"{one:,.2f}", f"{other:,.2f}", difference(one, other)) for name, one, other in kinds]
    rows.append(("contacts", f"{before.contacts:,}", f"{after.contacts:,}", counted(before.contacts, after.contacts)))
    says = "Expected value: chance of acceptance x gain of what comes first, manual boosts left out."
    return Sheet("What it comes to", says, (text(""), *_SIDES), tuple(rows))


def _parts(found: Comparison, dimension: str, title: str, says: str, most: int) -> Sheet:
    columns = (
        text(""), Column("decisions"), Column("change"), Column("value before"), Column("value after"),
        Column("difference"), long("contacts before"), long("contacts after"),
    )  # fmt: skip
    rows = [_part(name, part) for name, part in found.parts(dimension)]
    return cut(title, f"{says} Value: expected value less cost, {found.currency}.".strip(), columns, rows, most)


def _part(name: str, part: Part) -> Row:
    share = percent(part.changed / part.decisions if part.decisions else 0.0)
    before, after = part.before, part.after
    return (name, f"{part.decisions:,}", share, *_values(before, after), f"{before.contacts:,}", f"{after.contacts:,}")


def _values(before: Sums, after: Sums) -> Row:
    return f"{net(before):,.2f}", f"{net(after):,.2f}", difference(net(before), net(after))


def _actions(found: Comparison, most: int) -> Sheet:
    columns = (
        text("action"), Column("first before"), Column("first after"), Column("won"), Column("lost"),
        Column("change"), long("shown before"), long("shown after"),
    )  # fmt: skip
    rows = []
    for one in found.actions():
        won, lost = one.after - one.kept, one.before - one.kept
        counts = (one.before, one.after, won, lost)
        told = (percent(one.changed_share), f"{one.shown_before:,}", f"{one.shown_after:,}")
        rows.append((one.action, *(f"{count:,}" for count in counts), *told))
    says = "Change: of the decisions in which it comes first on either side, those in which only one side has it first."
    return cut("By action", says, columns, rows, most)


def _switches(found: Comparison, most: int) -> Sheet:
    columns = (text("placement"), text("before"), text("after"), Column("decisions"))
    rows = [
        (one.placement, one.before or _NOTHING, one.after or _NOTHING, f"{count:,}")
        for one, count in found.tally.switches.most_common()
    ]
    return cut("Who takes whose first place", "", columns, rows, most)


def _whys(found: Comparison, counted: Counter[Why], told: tuple[str, str], most: int) -> Sheet:
    columns = (text("because of"), text("which says"), Column("times"))
    rows = [(in_words(why), found.sentences.get(why, ""), f"{count:,}") for why, count in counted.most_common()]
    return cut(*told, columns, rows, most)


def _funnel(found: Comparison) -> Sheet:
    columns = (
        text("after asking"), Column("left before"), Column("left after"), Column("difference"),
        long("decisions with any before"), long("decisions with any after"),
    )  # fmt: skip
    before, after = found.tally.before.funnel, found.tally.after.funnel
    rows: list[Row] = [("(all there are)", *_pair(before.considered, after.considered), "", "")]
    for stage in STAGES:
        words = "what is shown in the end" if stage == SHOWN else STAGE_WORDS.get(stage, stage)
        alive = (f"{before.alive[stage]:,}", f"{after.alive[stage]:,}")
        rows.append((words, *_pair(before.left[stage], after.left[stage]), *alive))
    return Sheet("How far offers, messages and questions come", "Summed over all decisions.", columns, tuple(rows))


def _removed(found: Comparison, most: int) -> Sheet:
    """Only what differs."""
    before, after = found.tally.before.funnel.removed, found.tally.after.funnel.removed
    whys = [why for why in before.keys() | after.keys() if before[why] != after[why]]
    whys.sort(key=lambda why: (-abs(after[why] - before[why]), why))
    rows = [(in_words(why), *_pair(before[why], after[why])) for why in whys]
    return cut("What takes more or fewer of them away", "", (text(""), *_SIDES), rows, most)


def _moves(found: Comparison, most: int) -> Sheet:
    columns = (text("tier before"), text("tier after"), Column("decisions"))
    moved = found.tally.moves.most_common()
    rows = [(one, other, f"{count:,}") for (one, other), count in moved if one != other]
    return cut("Other tiers", "", columns, rows, most)


def _left_out(found: Comparison, most: int) -> Sheet:
    columns = tuple(map(text, ("customer", "channel", "tier", "was offered", "because of")))
    tally = found.tally
    rows = [(one.customer, one.channel, one.tier, one.action, in_words(one.why)) for one in tally.left_out]
    sheet = cut("Who is left with nothing", "", columns, rows, most)
    return Sheet(sheet.title, sheet.says, columns, sheet.rows, tally.left_by.total() - len(sheet.rows))


def _pair(before: int, after: int) -> Row:
    return f"{before:,}", f"{after:,}", counted(before, after)
