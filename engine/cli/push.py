"""`befit push`: an example of a worker that sends what events started: prints messages, or posts them to an address."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
import typer

from befit import Client
from befit.push import Messages
from engine.alerts.webhook import taken_by
from engine.cli.asking import AddressOption, asking
from engine.cli.tables import screen
from engine.wire.json import plain


def push(
    channel: Annotated[list[str], typer.Option(help="An outbound channel; may be repeated.")],
    to: Annotated[str, typer.Option(help="Post each message as JSON to this http(s) address; else print it.")] = "",
    most: Annotated[int, typer.Option(help="End after so many messages; 0 = never.", min=0)] = 0,
    address: AddressOption = None,
) -> None:
    """Send what events started, until stopped with Ctrl-C."""
    with asking(address) as client:
        _send_all(client, channel, to, most)


def _send_all(client: Client, channels: list[str], to: str, most: int) -> None:
    messages = client.messages(channels)
    done = 0
    try:
        for message in messages:
            _send(messages, message, to)
            done += 1
            if done == most:
                messages.finish()
                return
    except KeyboardInterrupt:
        messages.close()


def _send(messages: Messages, message: Any, to: str) -> None:
    """What is printed counts as sent; an address says by its status whether it took it."""
    body = orjson.dumps(plain(message))
    if not to or taken_by(to, body):
        messages.sent(message)
        screen().print(body.decode(), soft_wrap=True, markup=False, highlight=False)
    else:
        messages.failed(message, "the address did not take it")
