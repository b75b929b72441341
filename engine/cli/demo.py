"""`befit demo`: a made-up company served for real, and a story told through its decisions."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer
from rich.console import Console

from befit import ClientError
from documents.problem import BefitError
from engine.cli.exits import GateFailed, UsageMistaken
from engine.cli.flags import flags
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen
from engine.demo.preparing import Scale
from engine.demo.scene import Scene
from engine.demo.show import Plan, give
from engine.wire.json import plain

CONTACTS_EACH = 3


class DemoFailed(BefitError):
    """The demonstration's server did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFlags:
    """What `befit demo` may be told."""

    once: Annotated[bool, typer.Option("--once", help="Tell the story and end; with 4 where an answer breaks it.")] = (
        False
    )
    port: Annotated[
        int | None,
        typer.Option(help="Port for gRPC; without one 50051, or any if that is taken.", min=0, max=65_535),
    ] = None
    customers: Annotated[int, typer.Option(help="How many customers to make up.", min=500, max=99_999)] = 20_000
    output: OutputOption = Output.TABLE


@flags
def demo(told: DemoFlags) -> None:
    """Make up a company, learn from its history, serve it, and tell through its decisions what befits whom, and why.

    Nothing is kept: store, model and customers are gone when it ends.
    """
    as_json = told.output is Output.JSON
    if as_json and not told.once:
        raise UsageMistaken("-o json goes with --once: it is printed when the story is over")
    plan = Plan(told.once, told.port, Scale(told.customers, CONTACTS_EACH * told.customers), time.time())
    try:
        scenes = give(plan, Console(quiet=True) if as_json else screen())
    except ClientError as failure:
        raise DemoFailed(f"the server did not answer: {failure}") from failure
    if as_json:
        print_json([scene_told(scene) for scene in scenes])
    broken = [f"{scene.title}: {claim}" for scene in scenes for claim in scene.broken]
    if broken:
        raise GateFailed("the story says what the answers do not bear out:\n" + "\n".join(broken))


def scene_told(scene: Scene) -> dict[str, Any]:
    """A scene as plain values; without `answer` where nothing was asked."""
    told: dict[str, Any] = {"title": scene.title, "told": scene.told, "claims": [asdict(one) for one in scene.claims]}
    if scene.answer is not None:
        told["asked"], told["milliseconds"] = scene.answer.asked, round(scene.answer.millis, 3)
        told["answer"] = plain(scene.answer.decision.response)
    return told
