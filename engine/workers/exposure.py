"""Whether a server may listen where it is told to: it speaks plain text and asks nobody who they are."""

from __future__ import annotations

from ipaddress import ip_address

from documents.problem import BefitError
from engine.config import ListenConfig, variable


class Exposed(BefitError):
    """The address can be reached from other machines, and nobody said that something guards it."""


def expect_guarded(listen: ListenConfig) -> None:
    """Raises Exposed for an address beyond this machine, unless it was said that plain text is meant."""
    if not listen.plaintext and not _is_loopback(listen.host):
        raise Exposed(
            f"whoever reaches {listen.host} could ask and change everything, in plain text: put a proxy with TLS and "
            f"authentication before it and leave the host at 127.0.0.1, or, where a mesh or a firewall guards it, say "
            f"--plaintext ({variable('plaintext')}=yes)"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
