"""Prices that differ by tier although the policy does not say that they may.

An action that is `price_sensitive` costs everyone the same, unless it says `allow_price_by_tier: "why"`. It differs by
tier where its amounts read the tier, where a rule weighs the tier against its price, or where there is a cheaper
sibling (an action of the same group) that rules keep from some of the tiers that it is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rules.policy import Action, Expression
from rules.review.keepers import Keepers
from rules.review.subject import Subject
from rules.value_set import exactly

_PRICE_LIKE = re.compile(r"price|fee|rate|discount|charge|premium|cost|percent", re.IGNORECASE)
_GIVEN = re.compile(r"discount|percent", re.IGNORECASE)
_HINT = 'say allow_price_by_tier: "why" in the action, or treat all tiers alike'


def review_prices(subject: Subject) -> None:
    """Tell every price that differs by tier without a word why it may."""
    silent = [
        (index, action)
        for index, action in enumerate(subject.catalogue.actions)
        if action.price_sensitive and not action.allow_price_by_tier
    ]
    for index, action in silent:
        for place in _amounts(subject, action):
            message = f"an amount of {action.id!r} differs by tier, and the action is price_sensitive"
            subject.error("price-by-tier", place.place, message, _HINT)
        _review_rules(subject, index, action)
    _review_siblings(subject, silent)


def _amounts(subject: Subject, action: Action) -> Iterator[Expression]:
    for amount in (*action.value.values(), action.cost):
        if isinstance(amount, Expression):
            condition = subject.conditions.amount(amount)
            if condition is not None and any(name.startswith("tier.") for name in condition.reads):
                yield amount


def _review_rules(subject: Subject, index: int, action: Action) -> None:
    prices = {f"action.{name}" for name in _prices(action)} | {"action.cost"}
    for rule in subject.policy.rules:
        condition = subject.condition(rule.when) if subject.scope(rule.scope) >> index & 1 else None
        if condition is None or prices.isdisjoint(condition.reads):
            continue
        place = rule.when.place
        if any(name.startswith("tier.") for name in condition.reads) and not subject.told(place, ("price-by-tier",)):
            message = (
                f"the rule {rule.id!r} weighs the tier against the price of {action.id!r}, which is price_sensitive"
            )
            subject.error("price-by-tier", place, message, _HINT)


def _review_siblings(subject: Subject, silent: Sequence[tuple[int, Action]]) -> None:
    """Tell a sibling at another price that keeps an action's price from costing all tiers the same."""
    keepers, tiers = Keepers.of(subject), dict[int, frozenset[str]]()
    for index, action in silent:
        for sibling, other in enumerate(subject.catalogue.actions):
            told_before = sibling > index and any(sibling == one for one, _ in silent)
            if told_before or sibling == index or not _siblings(action, other):
                continue
            one, two = (tiers.setdefault(each, _tiers(subject, keepers, each)) for each in (index, sibling))
            cheaper = _cheaper(action, other)
            kept_out = (two - one if cheaper <= 0 else frozenset()) | (one - two if cheaper >= 0 else frozenset())
            if one and two and kept_out:
                subject.error("price-by-tier", action.place, _told(action, other, one, two), _HINT)
                break


def _siblings(action: Action, other: Action) -> bool:
    """Whether the other is of the same group at another price, and nothing says that tiers may see another."""
    same = (action.issue, action.group) == (other.issue, other.group)
    priced = any(_prices(other).values())
    return same and priced and not other.allow_price_by_tier and _prices(action) != _prices(other)


def _cheaper(action: Action, other: Action) -> int:
    """Above 0 where the other is the cheaper one, below 0 where it is the dearer; 0 where that cannot be told."""
    ours, theirs = _prices(action), _prices(other)
    signs = {(value > theirs.get(name, value)) - (value < theirs.get(name, value)) for name, value in ours.items()} - {
        0
    }
    given = any(_GIVEN.search(name) for name in ours)
    return 0 if given or len(signs) != 1 else signs.pop()


def _told(action: Action, other: Action, one: frozenset[str], two: frozenset[str]) -> str:
    prices = f"{action.id!r} is for {_named(one)}, its sibling {other.id!r} at another price for {_named(two)}"
    return f"{prices}: what one pays differs by tier, and {action.id!r} is price_sensitive"


def _tiers(subject: Subject, keepers: Keepers, index: int) -> frozenset[str]:
    """The tiers in which someone can get the action, as far as its rules read the tier."""
    about = [one for one in keepers.about(index) if "tier.name" in one.asks]
    names = [tier.name for tier in subject.policy.tiers]
    here = subject.present(1 << index)
    inside = {name: here.narrowed({"tier.name": exactly((name,))}) for name in names}
    return frozenset(name for name in names if keepers.passed(index, about, inside[name]))


def _prices(action: Action) -> Mapping[str, float]:
    return {
        name: value
        for name, value in action.attributes.items()
        if _PRICE_LIKE.search(name) and isinstance(value, float) and not isinstance(value, bool)
    }


def _named(tiers: frozenset[str]) -> str:
    return ", ".join(sorted(tiers))
