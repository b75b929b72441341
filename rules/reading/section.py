"""What every section is read with: the reader that gathers problems, and the names it may refer to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from documents.problem import Place
from documents.reader import Reader
from documents.strict_yaml import Node
from documents.verbatim import verbatim
from rules.policy import Amount, Direction, Expression
from rules.reading.names import Names

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z")
_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}\Z")
_NAME_HINT = "use up to 64 letters, digits, '_', '-' and '.', beginning with a letter or digit"
_BOTH_WAYS = frozenset(Direction)


@dataclass(frozen=True, slots=True)
class Section:
    """A reader with the policy's names. `rule_ids` remembers the ids of rules of every section: they are one family."""

    reader: Reader
    names: Names
    rule_ids: dict[str, Place] = field(default_factory=dict)

    def named(self, node: Node) -> Iterator[tuple[str, Node]]:
        """The entries of a mapping whose keys are names that the company gives."""
        for name, child in self.reader.entries(node).items():
            if not _NAME.match(name):
                self.reader.report(node.key_places[name], "bad-name", f"{name[:80]!r} is not a name", _NAME_HINT)
            yield name, child

    def variables(self, node: Node) -> Iterator[tuple[str, Node]]:
        """The entries of a mapping whose keys conditions read as variables."""
        for name, child in self.reader.entries(node).items():
            if not _VARIABLE.match(name):
                hint = "conditions read it: use letters, digits and '_', beginning with a letter"
                self.reader.report(node.key_places[name], "bad-name", f"{name[:80]!r} is not a variable's name", hint)
            yield name, child

    def rule_id(self, node: Node) -> str | None:
        """The id of a rule, which no other rule may have."""
        name = self.label(node)
        if name is None:
            return None
        if name in self.rule_ids:
            line = self.rule_ids[name].line
            self.reader.report(node, "duplicate-id", f"the id {name!r} stands at line {line} too", "rename one")
        self.rule_ids.setdefault(name, node.place)
        return name

    def label(self, node: Node) -> str | None:
        """A name that stands as a value, such as an action's group."""
        name = self.reader.text(node)
        if name is not None and not _NAME.match(name):
            self.reader.report(node, "bad-name", f"{name[:80]!r} is not a name", _NAME_HINT)
        return name

    def filled(self, node: Node) -> str | None:
        """Text that says something."""
        text = self.reader.text(node)
        if text is not None and not text.strip():
            self.reader.report(node, "empty-text", "the text is empty", "write something")
        return text

    def refer(self, node: Node, options: Collection[str], what: str) -> str | None:
        """A name that must be among `options`; `what` says in words of the policy what it names."""
        name = self.reader.text(node)
        if name is None or name in options:
            return name
        code = f"unknown-{what.replace(' ', '-')}"
        self.reader.report(node, code, f"there is no {what} {name[:80]!r}", self.reader.hint(name, options))
        return None

    def refer_all(self, node: Node, options: Collection[str], what: str) -> tuple[str, ...]:
        """A list of names (or one name) that must be among `options`; an empty list is a mistake."""
        items = (node,) if isinstance(node.value, str) else self.reader.items(node)
        if node.value == ():
            self.reader.report(node, "empty-list", f"the list names no {what}", "name at least one, or leave it out")
        found = (self.refer(item, options, what) for item in items)
        return tuple(dict.fromkeys(name for name in found if name is not None))

    def channels(self, node: Node) -> tuple[str, ...]:
        return self.refer_all(node, self.names.channels, "channel")

    def outcomes(self, node: Node) -> frozenset[str]:
        return frozenset(self.refer_all(node, self.names.outcomes, "outcome"))

    def directions(self, node: Node) -> frozenset[Direction] | None:
        """inbound, outbound, or any."""
        chosen = self.reader.choice(node, (*Direction, "any"))
        if chosen is None:
            return None
        return _BOTH_WAYS if chosen == "any" else frozenset({Direction(chosen)})

    def check_meets(self, node: Node, channels: Collection[str], directions: Collection[str]) -> None:
        """A limit on channels or directions must meet at least one channel, or it would never apply."""
        declared = self.names.channels
        met = [name for name in channels or declared if declared[name] in directions]
        if not met and isinstance(node.value, dict) and set(declared.values()) <= set(Direction):
            wanted = " or ".join(sorted(directions))
            self.reader.report(
                node, "never-applies", f"none of its channels is {wanted}", "change channels or direction"
            )

    def expression(self, node: Node) -> Expression | None:
        """A condition or amount in CEL; `true` and `false` may stand for themselves."""
        if isinstance(node.value, bool):
            return Expression(str(node.value).lower(), node.place)
        if self.reader.text(node) is None:
            return None
        text, place = verbatim(self.reader.source, node)
        if not text.strip():
            self.reader.report(node, "empty-condition", "the condition is empty", "write a condition or remove the key")
            return None
        return Expression(text, place)

    def amount(self, node: Node) -> Amount | None:
        """A number, or CEL that gives one."""
        return self.expression(node) if isinstance(node.value, str) else self.reader.number(node)
