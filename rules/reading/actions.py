"""`actions`: everything the company may propose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from documents.problem import Place
from documents.strict_yaml import Node
from rules.ledger import stable_id
from rules.policy import Action, ContextField, Kind, Partner
from rules.reading.fields import Value, read_value
from rules.reading.section import Section
from rules.reading.treatments import read_treatments
from rules.reading.validity import read_validity
from rules.reading.worth import read_cost, read_starting, read_worth

_KEYS = (
    "kind", "issue", "group", "tags", "attributes", "valid", "valid_for", "value", "cost", "success",
    "success_within", "starting", "mandatory", "price_sensitive", "allow_price_by_tier", "partner", "fills",
    "reject_reasons", "treatments",
)  # fmt: skip
_REQUIRED = ("kind", "issue", "group")
_PARTNER_KEYS = ("name", "purpose")
_DEFAULT_WINDOW = 14 * 86400.0


class ActionReader:
    """Reads actions, given what the policy declares beside them: attributes, and the zone that dates are in."""

    def __init__(self, section: Section, attributes: Mapping[str, ContextField], zone: ZoneInfo) -> None:
        self._section = section
        self._reader = section.reader
        self._attributes = attributes
        self._zone = zone

    def read(self, node: Node) -> dict[str, Action]:
        """All actions by id; a policy has at least one."""
        if node.value == {}:
            self._reader.report(node, "empty-section", "there is no action", "declare at least one")
        actions = {name: self._read(name, child, node.key_places[name]) for name, child in self._section.named(node)}
        self._check_attributes(node, actions)
        return actions

    def _read(self, name: str, node: Node, place: Place) -> Action:
        reader, section = self._reader, self._section
        entries = reader.mapping(node, _KEYS, _REQUIRED)
        valid = read_validity(section, entries["valid"], self._zone) if "valid" in entries else (None, None)
        action = Action(
            id=name,
            stable_id=stable_id(name),
            place=place,
            kind=self._kind(entries),
            issue=reader.optional(entries, "issue", section.label, ""),
            group=reader.optional(entries, "group", section.label, ""),
            tags=frozenset(reader.optional(entries, "tags", reader.texts, ())),
            attributes=self._attributes_of(entries),
            valid_from=valid[0],
            valid_to=valid[1],
            valid_for=reader.optional(entries, "valid_for", reader.duration, None),
            mandatory=reader.optional(entries, "mandatory", reader.flag, False),
            price_sensitive=reader.optional(entries, "price_sensitive", reader.flag, False),
            allow_price_by_tier=reader.optional(entries, "allow_price_by_tier", section.filled, ""),
            partner=reader.optional(entries, "partner", self._partner, None),
            reject_reasons=reader.optional(entries, "reject_reasons", reader.texts, ()),
            fills=self._fills(entries),
            treatments=read_treatments(section, entries["treatments"], name) if "treatments" in entries else {},
        )
        return self._with_worth(action, entries)

    def _with_worth(self, action: Action, entries: Mapping[str, Node]) -> Action:
        reader, section = self._reader, self._section
        return replace(
            action,
            value=read_worth(section, entries["value"]) if "value" in entries else {},
            cost=read_cost(section, entries["cost"]) if "cost" in entries else 0.0,
            success=reader.optional(entries, "success", self._outcome, "ACCEPTED"),
            success_within=reader.optional(entries, "success_within", reader.duration, _DEFAULT_WINDOW),
            starting=reader.optional(entries, "starting", lambda child: read_starting(reader, child), None),
        )

    def _kind(self, entries: Mapping[str, Node]) -> Kind:
        kinds = tuple(Kind)
        return Kind(
            self._reader.optional(entries, "kind", lambda child: self._section.refer(child, kinds, "kind"), Kind.OFFER)
        )

    def _outcome(self, node: Node) -> str | None:
        return self._section.refer(node, self._section.names.outcomes, "outcome")

    def _partner(self, node: Node) -> Partner | None:
        entries = self._reader.mapping(node, _PARTNER_KEYS, _PARTNER_KEYS)
        name = self._reader.optional(entries, "name", self._reader.text, None)
        purpose = self._reader.optional(entries, "purpose", self._reader.text, None)
        return Partner(name, purpose) if name and purpose else None

    def _fills(self, entries: Mapping[str, Node]) -> str | None:
        if "fills" not in entries:
            return None
        if "kind" in entries and entries["kind"].value != Kind.ASK:
            place = entries["fills"].place
            self._reader.report(place, "fills-without-ask", "only an ASK fills a feature", "remove fills, or ask")
        return self._section.refer(entries["fills"], self._section.names.facts.names, "feature")

    def _attributes_of(self, entries: Mapping[str, Node]) -> dict[str, Value]:
        given = self._reader.entries(entries["attributes"]) if "attributes" in entries else {}
        for key in given:
            if key not in self._attributes:
                hint = self._reader.hint(key, self._attributes)
                message = f"there is no attribute {key[:80]!r}"
                self._reader.report(entries["attributes"].key_places[key], "unknown-attribute", message, hint)
        values: dict[str, Value] = {}
        for key, field in self._attributes.items():
            value = read_value(self._section, given[key], field) if key in given else field.default
            if value is not None:
                values[key] = value
        return values

    def _check_attributes(self, node: Node, actions: Mapping[str, Action]) -> None:
        """Every declared attribute has a value, its own or the default: conditions over actions never meet a gap."""
        for key in (name for name, field in self._attributes.items() if not field.live):
            without = [name for name, action in actions.items() if key not in action.attributes]
            wrong = [name for name in without if not self._gives(node.value[name], key)]
            if wrong:
                others = f" and {len(wrong) - 1} other actions" if len(wrong) > 1 else ""
                message = f"{wrong[0]!r}{others} lack {key!r}, and the attribute has no default"
                hint = "give it there, or give the attribute a default"
                self._reader.report(node.value[wrong[0]], "missing-attribute", message, hint)

    @staticmethod
    def _gives(action: Node, key: str) -> bool:
        given = action.value.get("attributes") if isinstance(action.value, dict) else None
        return given is not None and isinstance(given.value, dict) and key in given.value
