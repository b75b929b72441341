"""The contact policy compiled: for each channel, what a contact over it must mind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from rules.caps import CapTable, compile_cap
from rules.catalogue import Catalogue
from rules.contact_rows import RowReader, Ways
from rules.cool_downs import CompiledCoolDown, compile_cool_down
from rules.local_time import Window
from rules.offers import Promises
from rules.policy import CONTACT_KINDS, SELLING_KINDS, Channel, ContactPolicy, Direction, Policy, Scope
from rules.scoped import ScopedCompiler
from rules.stops import CompiledStop, compile_stops


@dataclass(frozen=True, slots=True)
class ConsentNeeded:
    """The actions in `mask` need the consent `key` ("<channel>:<purpose>")."""

    key: str
    purpose: str
    mask: int


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """What holds over one channel. `quiet` windows make an outbound contact wait and forbid an inbound one; `capped`
    has every action that a cap or a cool-down is about; `caps` is None where there is none."""

    outbound: bool
    caps: CapTable | None
    capped: int
    consent: tuple[ConsentNeeded, ...]
    quiet: tuple[Window, ...]
    cool_downs: tuple[CompiledCoolDown, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactRules:
    """The contact policy of one policy. `contacts` and `selling` are bitmasks of kinds of actions."""

    channels: Mapping[str, ChannelRules]
    stops: tuple[CompiledStop, ...]
    reader: RowReader
    promises: Promises
    contacts: int
    selling: int


def compile_contact_rules(compiler: ScopedCompiler, policy: Policy) -> ContactRules:
    """The contact rules; conditions that do not hold are reported."""
    catalogue = compiler.catalogue
    ways = Ways(tuple(policy.channels))
    return ContactRules(
        channels={name: _channel(catalogue, policy.contact, one, ways) for name, one in policy.channels.items()},
        stops=compile_stops(compiler, policy.contact.stops),
        reader=RowReader(catalogue, ways),
        promises=Promises(catalogue),
        contacts=catalogue.mask(Scope(kinds=tuple(CONTACT_KINDS))),
        selling=catalogue.mask(Scope(kinds=tuple(SELLING_KINDS))),
    )


def _channel(catalogue: Catalogue, contact: ContactPolicy, channel: Channel, ways: Ways) -> ChannelRules:
    met = [cap for cap in contact.caps if _names(cap.channels, channel) and channel.direction in cap.directions]
    caps = [compile_cap(catalogue, cap) for cap in met]
    cool_downs = tuple(
        compile_cool_down(catalogue, one, ways)
        for one in contact.cool_downs
        if _names(one.channels, channel) and channel.direction in one.directions
    )
    limited = (*(mask for cap in caps for mask in cap.together), *(one.waiting for one in cool_downs))
    outbound = channel.direction == Direction.OUTBOUND
    return ChannelRules(
        outbound=outbound,
        caps=CapTable(caps, ways) if caps else None,
        capped=reduce(or_, limited, 0),
        consent=_consent(catalogue, contact, channel),
        quiet=tuple(
            (hours.start, hours.end)
            for hours in contact.quiet_hours
            if _names(hours.channels, channel) and (outbound or hours.applies_inbound) and hours.start != hours.end
        ),
        cool_downs=cool_downs,
    )


def _consent(catalogue: Catalogue, contact: ContactPolicy, channel: Channel) -> tuple[ConsentNeeded, ...]:
    contacts = catalogue.mask(Scope(kinds=tuple(CONTACT_KINDS)))
    return tuple(
        ConsentNeeded(f"{channel.name}:{rule.purpose}", rule.purpose, catalogue.mask(rule.scope) & contacts)
        for rule in contact.consent
        if _names(rule.channels, channel)
    )


def _names(channels: tuple[str, ...], channel: Channel) -> bool:
    return not channels or channel.name in channels
