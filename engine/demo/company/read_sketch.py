"""Reads `company.yaml` against the pack's own features and policy: what it names must be there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from documents.node import Node
from documents.problem import Place
from documents.reader import Reader
from documents.strict_yaml import load
from engine.demo.company.formula import Formula, FormulaMistaken, parse_formula
from engine.demo.company.sketch import AcceptanceSketch, ActionSketch, ChannelSketch, ContactsSketch, Formulas, Sketch
from models.features import FeatureSchema
from rules.policy import CONTACT_KINDS, Action, Policy

SKETCH_FILE = "company.yaml"
_KEYS = ("version", "traits", "features", "consent", "contacts", "acceptance")
_CONTACT_KEYS = ("busy", "channels", "context", "features", "afterwards")
_CHANNEL_KEYS = ("lean", "hour", "candour", "effect", "peak_hour", "reach", "consent", "strangers")
_ACCEPTANCE_KEYS = ("everything", "at_the_moment", "needs", "needs_at_the_moment", "actions")
_ACTION_KEYS = ("rate", "to", "needs")


def load_sketch(project: Path, schema: FeatureSchema, policy: Policy) -> Sketch:
    """The sketch in a project's folder. Raises DocumentInvalid with every mistake."""
    reader = Reader(load(project / SKETCH_FILE))
    sketch = _SketchReader(reader, schema, policy).read()
    reader.finish()
    return sketch


class _SketchReader:
    """Reads one file; formulas may name what was read before them: of customers what lasts, of moments all."""

    def __init__(self, reader: Reader, schema: FeatureSchema, policy: Policy) -> None:
        self._reader = reader
        self._schema = schema
        self._policy = policy
        self._lasting: set[str] = set()
        self._known = self._lasting

    def read(self) -> Sketch:
        entries = self._reader.mapping(self._reader.source.root, _KEYS, _KEYS)
        return Sketch(
            zone=self._policy.time_zone,
            traits=self._formulas(entries, "traits"),
            features=self._formulas(entries, "features", self._schema.names),
            consent=self._formulas(entries, "consent"),
            contacts=self._contacts(self._inner(entries, "contacts", _CONTACT_KEYS)),
            acceptance=self._acceptance(self._inner(entries, "acceptance", _ACCEPTANCE_KEYS)),
        )

    def _inner(self, entries: Mapping[str, Node], key: str, keys: Collection[str]) -> Mapping[str, Node]:
        return self._reader.mapping(entries[key], keys, keys) if key in entries else {}

    def _contacts(self, entries: Mapping[str, Node]) -> ContactsSketch:
        busy = self._formula(entries.get("busy"))
        channels = entries.get("channels")
        named = self._named(channels, self._policy.channels) if channels else {}
        sketched = tuple(self._channel(name, node) for name, node in named.items())
        self._known = self._lasting | {"channel", "hour"}
        context = self._formulas(entries, "context", self._policy.context)
        features = self._formulas(entries, "features", self._schema.names)
        at_the_moment, self._known = self._known, self._known | {"accepted"}
        afterwards = self._formulas(entries, "afterwards", self._schema.names)
        self._known = at_the_moment
        return ContactsSketch(busy, sketched, context, features, afterwards)

    def _channel(self, name: str, node: Node) -> ChannelSketch:
        reader = self._reader
        entries = reader.mapping(node, _CHANNEL_KEYS, ("lean", "hour", "candour"))
        numbers = {
            key: reader.optional(entries, key, reader.number, 12.0 if key == "peak_hour" else 0.0)
            for key in ("candour", "effect", "peak_hour", "reach", "strangers")
        }
        return ChannelSketch(
            name=name,
            lean=self._formula(entries.get("lean")),
            hour=self._formula(entries.get("hour")),
            consent=reader.optional(entries, "consent", lambda child: reader.choice(child, self._known), ""),
            **numbers,
        )

    def _acceptance(self, entries: Mapping[str, Node]) -> AcceptanceSketch:
        moment = self._formula(entries.get("at_the_moment"))
        passing = self._formulas(entries, "needs_at_the_moment")
        self._known = set(self._lasting)
        needs = self._formulas(entries, "needs")
        self._known = self._lasting
        if "needs_at_the_moment" in entries:
            self._expect(entries["needs_at_the_moment"], needs)
        contacts = {action.id: action for action in self._policy.actions if action.kind in CONTACT_KINDS}
        actions = self._named(entries["actions"], contacts) if "actions" in entries else {}
        return AcceptanceSketch(
            everything=self._formula(entries.get("everything")),
            at_the_moment=moment,
            needs=needs,
            passing=passing,
            actions=tuple(
                self._action(contacts[name], node, needs) for name, node in actions.items() if name in contacts
            ),
        )

    def _action(self, action: Action, node: Node, needs: Formulas) -> ActionSketch:
        reader = self._reader
        entries = reader.mapping(node, _ACTION_KEYS, ("rate",))
        pulls = self._named(entries["needs"], needs) if "needs" in entries else {}
        return ActionSketch(
            id=action.id,
            rate=reader.optional(entries, "rate", lambda child: reader.number(child, 0.001, 0.999), 0.5),
            to=self._formula(entries["to"]) if "to" in entries else None,
            needs={name: reader.number(child) or 0.0 for name, child in pulls.items()},
            success=action.success,
            channels=frozenset(action.treatments),
        )

    def _formulas(self, entries: Mapping[str, Node], key: str, names: Collection[str] | None = None) -> Formulas:
        """Formulas by name, each over what was read before; `names` are those that there may be, None = any."""
        found: dict[str, Formula] = {}
        named = self._named(entries[key], names) if key in entries else {}
        for name, node in named.items():
            found[name] = self._formula(node)
            self._known.add(name)
        return found

    def _named(self, node: Node, names: Collection[str] | None) -> Mapping[str, Node]:
        if names is not None:
            self._expect(node, names)
        return self._reader.entries(node)

    def _expect(self, node: Node, names: Collection[str]) -> None:
        """Report keys that there are not."""
        for name in self._reader.entries(node):
            if name not in names:
                message = f"neither features.yaml nor policy.yaml has {name!r} here"
                self._reader.report(node.key_places[name], "unknown-name", message, self._reader.hint(name, names))

    def _formula(self, node: Node | None) -> Formula:
        source = str(node.value) if node is not None and not isinstance(node.value, dict | tuple) else "0"
        try:
            return parse_formula(source, self._known)
        except FormulaMistaken as mistaken:
            assert node is not None
            column = node.place.column + node.quoted + mistaken.at
            place = Place(node.place.file, node.place.line, column)
            self._reader.report(place, "bad-formula", str(mistaken), "see engine/demo/company/formula_functions.py")
            return parse_formula("0", ())
