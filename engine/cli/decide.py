"""`befit decide`: ask a running server what befits a customer, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from befit.plain import Value
from befit.questions import DecideOptions
from engine.cli.asking import CUSTOMER, AddressOption, asking, called
from engine.cli.decision_tables import decision_parts
from engine.cli.exits import UsageMistaken
from engine.cli.flags import flags
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen
from engine.wire.json import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What `befit decide` may be told."""

    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer or visitor.")]
    channel: Annotated[str, typer.Option(help="The channel that asks, as the policy names it.")]
    intent: Annotated[str, typer.Option(help="What the customer wants, if known.")] = ""
    context: Annotated[list[str] | None, typer.Option(help="KEY=VALUE of the moment; may be given again.")] = None
    locale: Annotated[str, typer.Option(help="Language to answer in, as in de-AT.")] = ""
    explain: Annotated[bool, typer.Option("--explain", help="Tell also what was not proposed, and why.")] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Decide without remembering it.")] = False
    address: AddressOption = None
    output: OutputOption = Output.TABLE


@flags
def decide(question: Question) -> None:
    """Ask a running server what befits a customer, and why."""
    context = read_context(question.context or ())
    options: DecideOptions = {
        "intent": question.intent,
        "context": context,
        "locale": question.locale,
        "dry_run": question.dry_run,
        "trace": "FULL" if question.explain else "REASONS",
        "audience": "ANALYST" if question.explain else "AGENT",
    }
    with asking(question.address) as client:
        decision = client.decide(question.customer, question.channel, **options)
        word = CUSTOMER if question.output is Output.JSON else called(client)
    if question.output is Output.JSON:
        print_json(plain(decision.response))
        return
    for part in decision_parts(decision, question.explain, word):
        screen().print(part)


def read_context(pairs: Sequence[str]) -> Mapping[str, Value]:
    """KEY=VALUE pairs: true, false and numbers are what they look like, all else is text, also "12" in quotes.

    Raises UsageMistaken.
    """
    found: dict[str, Value] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise UsageMistaken(f"--context takes KEY=VALUE, not {pair!r}")
        if key in found:
            raise UsageMistaken(f"--context gives {key!r} twice")
        found[key] = _value(value)
    return found


def _value(text: str) -> Value:
    try:
        value = json.loads(text, parse_int=float)
    except ValueError:
        return text
    return value if isinstance(value, bool | float | str) else text
