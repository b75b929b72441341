"""`befit report --plan`: how many customers a comparison takes, before it begins."""

from __future__ import annotations

from engine.cli.exits import UsageMistaken
from engine.cli.output import Output
from engine.cli.tables import print_json, screen, table
from engine.report.plain import plain_plan
from engine.report.plan import Needed, Plan, Wanted, plan


def show_plan(wanted: Wanted, output: Output) -> None:
    """Raises UsageMistaken where there is nothing to plan."""
    try:
        found = plan(wanted)
    except ValueError as error:
        raise UsageMistaken(str(error)) from None
    if output is Output.JSON:
        print_json(plain_plan(found))
        return
    console = screen()
    for line in _sentences(found):
        console.print(line, soft_wrap=True)
    columns = ("share of the comparison group", "its customers ", "Befit's customers ", "days ")
    rows = [(f"{one.share:.1%}", f"{one.control:,}", f"{one.test:,}", f"{one.days:,.1f}") for one in found.others]
    console.print(table("with another share", columns, rows))


def _sentences(found: Plan) -> tuple[str, ...]:
    wanted, needed = found.wanted, found.needed
    better = wanted.rate * (1.0 + wanted.lift)
    sure = f"in {wanted.power:.0%} of cases, and a difference where there is none in {wanted.alpha:.0%}"
    beside = f"{needed.control:,} customers in a comparison group of {needed.share:.1%}, {needed.test:,} beside it"
    return (
        f"To see {wanted.rate:.2%} become {better:.2%} (lift {wanted.lift:+.1%}) {sure}:",
        f"{beside}: {needed.days:,.1f} days at {wanted.per_day:,.0f} new customers a day.",
        f"Read on any day, as this report is: {_daily(found.daily)}.",
        *(_within(days, lift) for days, lift in found.seen_within),
        "Customers are dealt anew every month: who comes again in another month counts again, as one customer.",
    )


def _daily(needed: Needed) -> str:
    all_ = needed.control + needed.test
    return f"{needed.control:,} in the comparison group, {needed.days:,.1f} days, with `--planned {all_}`"


def _within(days: int, lift: float | None) -> str:
    if lift is None:
        return f"Within {days} days nothing would be seen for sure at one look."
    return f"Within {days} days a lift of {lift:.1%} and more would be seen at one look."
