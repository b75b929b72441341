"""What is said around the story: what this is, what was prepared, how it went, and how to ask for oneself."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from rich.console import Group, RenderableType
from rich.text import Text

from engine.config import ListenConfig
from engine.demo.cast import SOMEBODY, Cast
from engine.demo.preparing import Learnt
from engine.demo.scene import Scene

DEFAULT_ADDRESS = "127.0.0.1:50051"


def opening() -> RenderableType:
    """Before anything is made."""
    return Group(
        Text.assemble(("Befit", "bold"), " decides what befits one customer at one moment, and says why."),
        Text(
            "This makes up Nordlicht Mobile, an operator that never was, and serves it for real: rules, a model, "
            "a store, workers. The store is an embedded Valkey that keeps nothing: when this ends, all of it is gone."
        ),
        Text(""),
    )


def learnt_from(learnt: Learnt) -> RenderableType:
    """What the model is."""
    order = f"; AUC {learnt.auc:.2f} on customers it had not seen" if learnt.auc is not None else ""
    return Text(f"  {learnt.trees} trees from {learnt.contacts:,} closed contacts{order}", style="dim")


def ready(listen: ListenConfig, workers: int, legend: str) -> RenderableType:
    """The server answers; how to read what follows."""
    answers = Text.assemble(("✓", "green"), f" {workers} workers answer on {listen.host}:{listen.port}")
    return Group(answers, Text(""), Text(legend))


def closing(scenes: Sequence[Scene]) -> RenderableType:
    """How the story went."""
    asked = [scene.answer for scene in scenes if scene.answer is not None]
    micros = [answer.decision.response.server_micros for answer in asked]
    claims = [claim for scene in scenes for claim in scene.claims]
    broken = sum(1 for claim in claims if not claim.holds)
    held = Text(f"All {len(claims)} things said of the answers hold.", style="green")
    if broken:
        held = Text(f"{broken} of {len(claims)} things said of the answers do not hold.", style="bold red")
    times = f"{len(asked)} questions, answered in {min(micros) / 1000:.1f} to {max(micros) / 1000:.1f} ms in the server"
    return Group(
        Text(""),
        Text.assemble(("The end. ", "bold"), f"{times}, half of them within {median(micros) / 1000:.1f} ms."),
        held,
    )


def hints(listen: ListenConfig, cast: Cast) -> Iterator[Text]:
    """How to ask the running server, line by line; lines are to be printed whole, so that they can be copied."""
    address = f"{listen.host}:{listen.port}"
    to = "" if address == DEFAULT_ADDRESS else f" --address {address}"
    befit = command()
    yield Text.assemble(("\nBefit stays up until Ctrl-C.", "bold"), " Ask it from another terminal:")
    yield from _lines(
        f"{befit} decide {SOMEBODY} --channel call_centre --explain{to}",
        f"{befit} decide {cast.mia.id} --channel web_shop{to}   # Mia",
        f"{befit} status{to}",
        f"curl http://{listen.host}:{listen.metrics_port}/metrics",
    )
    if listen.http_port >= 0:
        base = f"http://{listen.host}:{listen.http_port}"
        yield Text(f"or over HTTP, which {base}/docs tells about:")
        asked = json.dumps({"customerId": SOMEBODY, "channel": "call_centre"})
        yield from _lines(f"curl {base}/v1/decide -H 'Content-Type: application/json' -d '{asked}'")
    yield Text("or from Python:")
    yield from _lines(
        "from befit import Client",
        f'with Client("{address}") as client:',
        f'    decision = client.decide("{SOMEBODY}", "call_centre")',
        '    for offer in decision.actions("offer"):',
        "        print(offer.action_id, offer.content.title)",
    )
    yield Text("A project of your own to change:")
    yield from _lines(f"{befit} init --pack telco DIR")


def command() -> str:
    """How this program is called from here."""
    return "befit" if shutil.which("befit") else str(Path(sys.argv[0]))


def _lines(*lines: str) -> Iterator[Text]:
    return (Text(f"  {line}", style="cyan") for line in lines)
