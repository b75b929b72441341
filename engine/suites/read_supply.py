"""Reads what a moment says of limits over all customers: what is left of them, and what is free in queues."""

from __future__ import annotations

from documents.node import Node
from engine.suites.sheet import Sheet
from engine.suites.suite import Left
from rules.limits import LimitKind

_MOST = 1_000_000_000


def read_free(sheet: Sheet, node: Node) -> dict[str, int]:
    """Free places by queue."""
    queues = {one.queue for one in sheet.terms.policy.limits if one.queue}
    found = {}
    for queue, child in sheet.reader.entries(node).items():
        if sheet.refer_key(node, queue, queues, "queue"):
            free = sheet.reader.integer(child, 0, _MOST)
            found[queue] = free or 0
    return found


def read_left(sheet: Sheet, node: Node) -> dict[str, Left]:
    """What is left by limit: a number, or `left` and `price`."""
    limits = {one.id: one for one in sheet.terms.policy.limits if one.kind is not LimitKind.CAPACITY}
    found = {}
    for name, child in sheet.reader.entries(node).items():
        if sheet.refer_key(node, name, limits, "limit"):
            most = limits[name].most
            entries = sheet.reader.mapping(child, ("left", "price")) if isinstance(child.value, dict) else {}
            left = most if entries else sheet.reader.number(child, 0.0, most)
            if "left" in entries:
                left = sheet.reader.number(entries["left"], 0.0, most)
            price = sheet.reader.number(entries["price"], 0.0) if "price" in entries else 0.0
            if "price" in entries and limits[name].pacing is None:
                sheet.reader.report(entries["price"], "no-price", f"{name} is not paced", "add pacing: true to it")
            found[name] = Left(most if left is None else left, price or 0.0)
    return found
