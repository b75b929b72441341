"""Changes and contributions told as sentences, in the reader's language and the company's own words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime

from engine.explaining.language import WORDS, ExplainingWords
from engine.explaining.told import Change, ChangeKind, Value
from engine.explaining.turning import FINEST, finest_step
from engine.explaining.worlds import Changes, World
from rules.reasons import language_of

CLOCK = "%Y-%m-%d %H:%M"
_ROUND, _NEXT = 4, 2.5
"""Digits of a round number, and how many steps beside it are next to it."""
_TIMES = frozenset({ChangeKind.TIME, ChangeKind.VALIDITY})


class Wording:
    """Tells one decision's explanations; `world` is the decision as it was made."""

    def __init__(self, world: World) -> None:
        language = language_of(world.question.request.locale)
        self._world = world
        self._words: ExplainingWords = WORDS[language]
        self._company: Mapping[str, str] = world.snapshot.reasons.words(language)

    def changes(self, changes: Changes) -> str:
        """What would have brought an action first."""
        words = self._words
        if not changes:
            return words.never
        clauses = [self._clause(one) for one in changes]
        if len(clauses) == 1:
            return words.single.format(clause=clauses[0])
        return words.several.format(clauses=words.joint.join(clauses))

    def contribution(self, meaning: str, value: Value | None, effect: float) -> str:
        """What one input of the model did."""
        template = self._words.raises if effect > 0.0 else self._words.lowers
        return template.format(meaning=meaning, value=self._shown(value, self._words.unknown))

    def meaning_of(self, name: str) -> str:
        """What an input of a model, a feature or a field of the request is, in the company's words if any."""
        room, _, rest = name.partition(".")
        schema = self._world.snapshot.schema
        if room == "customer" and rest in schema:
            return schema.feature(rest).meaning or rest
        known = self._words.inputs.get(name) or self._words.fields.get(name)
        return known.format_map(self._company) if known else name

    def _clause(self, change: Change) -> str:
        words = self._words
        name, _, goal = change.target.partition(".")
        target = self.meaning_of(f"customer.{change.target}" if change.kind is ChangeKind.FEATURE else change.target)
        clause = words.clauses[change.kind].format_map(
            {
                **self._company,
                "target": target,
                "goal": goal,
                "before": self._value(change, change.before),
                "after": self._value(change, change.after),
            }
        )
        if change.rule and change.rule != name and change.kind is not ChangeKind.RULE:
            return words.for_rule.format(clause=clause, rule=change.rule)
        return clause

    def _value(self, change: Change, value: Value | None) -> str:
        if change.kind in _TIMES and isinstance(value, int | float):
            zone = self._world.snapshot.policy.zone(self._world.question.known.standing.time_zone)
            return datetime.fromtimestamp(value, zone).strftime(CLOCK)
        empty = self._words.nothing if change.kind is ChangeKind.REQUEST else self._words.unknown
        return self._shown(value, empty)

    def _shown(self, value: Value | None, empty: str) -> str:
        if value is None or value == "":
            return empty
        if isinstance(value, bool):
            return self._words.yes if value else self._words.no
        return value if isinstance(value, str) else self._number(float(value))

    def _number(self, value: float) -> str:
        """A number, by the round one that it is next to: what is below 30 by a millionth is just under 30."""
        near = 0.0 if abs(value) <= _NEXT * FINEST else float(f"{value:.{_ROUND}g}")
        if near == value or not math.isfinite(value) or abs(near - value) > _NEXT * finest_step(value):
            return f"{value:.10g}"
        return (self._words.under if value < near else self._words.over).format(number=f"{near:.10g}")
