"""What is shown or said for an action in a channel, with the customer's and the moment's values filled in.

Everything that is known when the policy loads (the action's own values, declared defaults) is filled then;
a treatment that needs nothing more is returned untouched. The texts are plain: a channel that shows
them as HTML must escape them. Values within links are percent-encoded here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from rules.facts import INTEGER, NUMBER, FactSchema
from rules.policy import Action, Content, Policy
from rules.situation import Value
from rules.template import Placeholder, read_template, shown, tidy

_FIELDS = Content._fields
_NO_NUMBER = "–"
_NOTHING = Content()


@dataclass(frozen=True, slots=True)
class _Slot:
    """A value that differs by customer or moment; `missing` stands there without one."""

    room: str
    name: str
    missing: str


@dataclass(frozen=True, slots=True)
class _OpenText:
    """A text of the content that has slots left."""

    field: str
    parts: tuple[str | _Slot, ...]

    def fill(self, values: Mapping[str, Mapping[str, Value]]) -> str:
        gap = False
        texts = []
        for part in self.parts:
            if isinstance(part, str):
                texts.append(part)
                continue
            text = shown(values[part.room].get(part.name))
            if text is not None and self.field == "link":
                text = quote(text, safe="")
            gap |= text is None and not part.missing
            texts.append(part.missing if text is None else text)
        return tidy("".join(texts)) if gap else "".join(texts)


@dataclass(frozen=True, slots=True)
class _Filling:
    content: Content
    open_texts: tuple[_OpenText, ...]

    def fill(self, customer: Mapping[str, Value], context: Mapping[str, Value]) -> Content:
        if not self.open_texts:
            return self.content
        values = {"customer": customer, "context": context}
        return self.content._replace(**{text.field: text.fill(values) for text in self.open_texts})


class Contents:
    """The contents of all treatments of a policy, by action and channel."""

    def __init__(self, policy: Policy, facts: FactSchema) -> None:
        self._missing = _missing_texts(policy, facts)
        self._actions = policy.actions
        self._fillings = {
            (action.id, treatment.channel): self._prepare(treatment.content, action)
            for action in policy.actions
            for treatment in action.treatments.values()
        }

    def fill(self, action: str, channel: str, customer: Mapping[str, Value], context: Mapping[str, Value]) -> Content:
        """The content of an action in a channel, empty where it has no treatment there.

        `customer` holds the known features, `context` what the request sent.
        """
        filling = self._fillings.get((action, channel))
        return filling.fill(customer, context) if filling else _NOTHING

    def shown_of(self, index: int, name: str) -> str | None:
        """An action's own value (id, cost, an attribute ...) as people read it, by catalogue index; None = none."""
        return shown(_value_of(self._actions[index], name))

    def _prepare(self, content: Content, action: Action) -> _Filling:
        fixed: dict[str, str] = {}
        open_texts = []
        for field in _FIELDS:
            text: str = getattr(content, field)
            if "{" not in text and "}" not in text:
                continue
            parts = self._parts(text, action, field)
            if any(isinstance(part, _Slot) for part in parts):
                open_texts.append(_OpenText(field, parts))
            else:
                fixed[field] = "".join(part for part in parts if isinstance(part, str))
        return _Filling(content._replace(**fixed) if fixed else content, tuple(open_texts))

    def _parts(self, text: str, action: Action, field: str) -> tuple[str | _Slot, ...]:
        encode = field == "link"
        return tuple(
            piece if isinstance(piece, str) else self._part(piece, action, encode)
            for piece in read_template(text).pieces
        )

    def _part(self, placeholder: Placeholder, action: Action, encode: bool) -> str | _Slot:
        if placeholder.room == "action":
            text = shown(_value_of(action, placeholder.name))
            text = (placeholder.alternative or "") if text is None else text
            return quote(text, safe="") if encode else text
        missing = placeholder.alternative
        if missing is None:
            missing = self._missing[placeholder.room].get(placeholder.name, "")
        return _Slot(placeholder.room, placeholder.name, quote(missing, safe="") if encode else missing)


def _missing_texts(policy: Policy, facts: FactSchema) -> Mapping[str, Mapping[str, str]]:
    """What stands for a missing value: its declared default, a dash for a number, else nothing."""
    declared = {
        "customer": [(fact.name, fact.type, fact.default) for fact in facts],
        "context": [(key.name, key.type, key.default) for key in policy.context.values()],
    }
    return {
        room: {
            name: shown(default) or (_NO_NUMBER if type_ in {NUMBER, INTEGER} else "") for name, type_, default in one
        }
        for room, one in declared.items()
    }


def _value_of(action: Action, name: str) -> Value | None:
    if name in action.attributes:
        return action.attributes[name]
    own: dict[str, Value | None] = {
        "id": action.id,
        "kind": action.kind.value,
        "issue": action.issue,
        "group": action.group,
        "cost": action.cost if isinstance(action.cost, float) else None,
        "price_sensitive": action.price_sensitive,
        "partner": action.partner.name if action.partner else None,
    }
    return own.get(name)
