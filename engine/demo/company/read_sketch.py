"""Reads `company.yaml` against the pack's own features and policy: what it names must be there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from documents.node import Node
from documents.reader import Reader
from documents.strict_yaml import load
from engine.demo.company.read_formulas import FormulaReader
from engine.demo.company.sketch import AcceptanceSketch, ActionSketch, ChannelSketch, ContactsSketch, Formulas, Sketch
from engine.events.book import EventBook
from models.features import FeatureSchema
from rules.policy import CONTACT_KINDS, Action, Policy

SKETCH_FILE = "company.yaml"
_KEYS = ("version", "traits", "features", "consent", "contacts", "acceptance")
_CONTACT_KEYS = ("busy", "channels", "context", "features", "afterwards")
_CHANNEL_KEYS = ("lean", "hour", "candour", "effect", "peak_hour", "reach", "consent", "strangers", "teams")
_ACCEPTANCE_KEYS = ("everything", "at_the_moment", "needs", "needs_at_the_moment", "actions")
_ACTION_KEYS = ("rate", "to", "needs")
CHANCE = "chance"
_OF_OUTCOMES = (CHANCE, "rating", "reason", "revenue")
_KNOWN_AFTERWARDS = {"accepted", "worth", "contacts"}


def load_sketch(project: Path, schema: FeatureSchema, policy: Policy) -> Sketch:
    """The sketch in a project's folder. Raises DocumentInvalid with every mistake."""
    reader = Reader(load(project / SKETCH_FILE))
    sketch = _SketchReader(reader, schema, policy).read()
    reader.finish()
    return sketch


class _SketchReader(FormulaReader):
    """Reads one file; formulas may name what was read before them: of customers what lasts, of moments all."""

    def __init__(self, reader: Reader, schema: FeatureSchema, policy: Policy) -> None:
        super().__init__(reader)
        self._schema = schema
        self._policy = policy
        self._lasting = self.known
        self._at_the_moment: set[str] = set()

    def read(self) -> Sketch:
        entries = self.reader.mapping(self.reader.source.root, (*_KEYS, "aftermath"), _KEYS)
        return Sketch(
            zone=self._policy.time_zone,
            traits=self.formulas(entries, "traits"),
            features=self.formulas(entries, "features", self._schema.names),
            consent=self.formulas(entries, "consent"),
            contacts=self._contacts(self._inner(entries, "contacts", _CONTACT_KEYS)),
            acceptance=self._acceptance(self._inner(entries, "acceptance", _ACCEPTANCE_KEYS)),
            aftermath=self._aftermath(entries.get("aftermath")),
        )

    def _inner(self, entries: Mapping[str, Node], key: str, keys: Collection[str]) -> Mapping[str, Node]:
        return self.reader.mapping(entries[key], keys, keys) if key in entries else {}

    def _contacts(self, entries: Mapping[str, Node]) -> ContactsSketch:
        busy = self.formula(entries.get("busy"))
        channels = entries.get("channels")
        named = self.named(channels, self._policy.channels) if channels else {}
        sketched = tuple(self._channel(name, node) for name, node in named.items())
        self.known = self._lasting | {"channel", "hour"}
        context = self.formulas(entries, "context", self._policy.context)
        features = self.formulas(entries, "features", self._schema.names)
        at_the_moment, self.known = self.known, self.known | {"accepted"}
        afterwards = self.formulas(entries, "afterwards", self._schema.names)
        self.known = self._at_the_moment = at_the_moment
        return ContactsSketch(busy, sketched, context, features, afterwards)

    def _channel(self, name: str, node: Node) -> ChannelSketch:
        reader = self.reader
        entries = reader.mapping(node, _CHANNEL_KEYS, ("lean", "hour", "candour"))
        numbers = {
            key: reader.optional(entries, key, reader.number, 12.0 if key == "peak_hour" else 0.0)
            for key in ("candour", "effect", "peak_hour", "reach", "strangers")
        }
        return ChannelSketch(
            name=name,
            lean=self.formula(entries.get("lean")),
            hour=self.formula(entries.get("hour")),
            consent=reader.optional(entries, "consent", lambda child: reader.choice(child, self.known), ""),
            teams=tuple(reader.text(one) or "" for one in reader.items(entries["teams"])) if "teams" in entries else (),
            **numbers,
        )

    def _acceptance(self, entries: Mapping[str, Node]) -> AcceptanceSketch:
        moment = self.formula(entries.get("at_the_moment"))
        passing = self.formulas(entries, "needs_at_the_moment")
        self.known = set(self._lasting)
        needs = self.formulas(entries, "needs")
        self.known = self._lasting
        if "needs_at_the_moment" in entries:
            self.expect(entries["needs_at_the_moment"], needs)
        contacts = {action.id: action for action in self._policy.actions if action.kind in CONTACT_KINDS}
        actions = self.named(entries["actions"], contacts) if "actions" in entries else {}
        return AcceptanceSketch(
            everything=self.formula(entries.get("everything")),
            at_the_moment=moment,
            needs=needs,
            passing=passing,
            actions=tuple(
                self._action(contacts[name], node, needs) for name, node in actions.items() if name in contacts
            ),
        )

    def _action(self, action: Action, node: Node, needs: Formulas) -> ActionSketch:
        reader = self.reader
        entries = reader.mapping(node, _ACTION_KEYS, ("rate",))
        pulls = self.named(entries["needs"], needs) if "needs" in entries else {}
        return ActionSketch(
            id=action.id,
            rate=reader.optional(entries, "rate", lambda child: reader.number(child, 0.001, 0.999), 0.5),
            to=self.formula(entries["to"]) if "to" in entries else None,
            needs={name: reader.number(child) or 0.0 for name, child in pulls.items()},
            success=action.success,
            channels=frozenset(action.treatments),
        )

    def _aftermath(self, node: Node | None) -> Mapping[str, Formulas]:
        """By type of outcome or event its chance and what it tells."""
        outcomes = {"RATING", "COMPLAINT", *self._policy.outcomes}
        events = EventBook(self._policy, self._schema).types
        found: dict[str, Formulas] = {}
        for name, told in (self.named(node, {*outcomes, *events}) if node is not None else {}).items():
            self.known = self._at_the_moment | _KNOWN_AFTERWARDS
            said = _OF_OUTCOMES if name in outcomes else (CHANCE, *(events[name].attributes if name in events else ()))
            found[name] = self.formulas({name: told}, name, said)
        return found
