"""`befit push`: an example of a worker that sends what events started: prints messages, or posts them to an address."""

from __future__ import annotations

import signal
from typing import Annotated, Any

import orjson
import typer

from befit import Client, ClientError
from befit.push import Messages
from engine.alerts.webhook import taken_by
from engine.cli.asking import AddressOption, asking
from engine.cli.exits import UsageMistaken
from engine.wire.json import plain


def push(
    channel: Annotated[list[str], typer.Option(help="An outbound channel; may be repeated.")],
    to: Annotated[str, typer.Option(help="Post each message as JSON to this http(s) address; else print it.")] = "",
    most: Annotated[int, typer.Option(help="End after so many messages; 0 = never.", min=0)] = 0,
    address: AddressOption = None,
) -> None:
    """Send what events started, until stopped with Ctrl-C or SIGTERM.

    What is sent is printed, one line of JSON each. With --to, what the address does not answer with 2xx comes again
    later.
    """
    if to and not to.startswith(("http://", "https://")):
        raise UsageMistaken("--to is an http or https address")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with asking(address) as client:
        send_all(client, channel, to, most)


def send_all(client: Client, channels: list[str], to: str, most: int) -> None:
    """Send messages as they come, `most` of them at most (0 = no bound), or until interrupted."""
    messages = client.messages(channels, paused=_paused)
    done = 0
    try:
        for message in messages:
            _send(messages, message, to)
            done += 1
            if done == most:
                break
    except KeyboardInterrupt:
        typer.echo(f"{done:,} messages", err=True)
    messages.finish()


def _send(messages: Messages, message: Any, to: str) -> None:
    """What is printed counts as sent; an address says by its status whether it took it."""
    body = orjson.dumps(plain(message))
    if not to or taken_by(to, body):
        messages.sent(message)
        typer.echo(body)
    else:
        messages.failed(message, "the address did not take it")
        typer.echo(f"{message.message_id} comes again: the address did not take it", err=True)


def _paused(why: ClientError) -> None:
    typer.echo(f"waiting: {why}", err=True)
