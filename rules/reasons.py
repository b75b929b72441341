"""Reasons as people read them: for the customer (safe to read out), the agent (why, and what to do), the analyst
(rule, observed value, required value). The company's own words come first where the policy has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from rules.policy import Expression, Policy, Reason
from rules.wording.chinese import CHINESE
from rules.wording.code import Code
from rules.wording.english import ENGLISH
from rules.wording.language import Language

LANGUAGES: Mapping[str, Language] = {"en": ENGLISH, "zh": CHINESE}
"""The languages by the first part of a locale; another is one more file in `rules/wording` and one more entry here."""

_CUSTOMER = "customer"
_NOTHING = Reason()
_OTHERWISE = "otherwise"
"""What a tier for everybody else requires, as the policy says it."""


class Audience(StrEnum):
    """Who reads a reason."""

    CUSTOMER = "CUSTOMER"
    AGENT = "AGENT"
    ANALYST = "ANALYST"


@dataclass(frozen=True, slots=True)
class Because:
    """Why something is as it is. `rule` is the id of the policy's rule; the rest is text for people, "" if unknown.

    `required` is filled from the rule's condition where it is empty; `until` is a time as the reader's clock shows it.
    """

    code: Code
    rule: str = ""
    observed: str = ""
    required: str = ""
    until: str = ""


class Reasons:
    """Tells reasons in one company's words. Built when the policy loads."""

    def __init__(self, policy: Policy) -> None:
        own = dict(policy.vocabulary) | {"company": policy.company}
        self._whom = policy.vocabulary.get(_CUSTOMER, _CUSTOMER)
        self._words = {name: dict(language.words) | own for name, language in LANGUAGES.items()}
        self._own = dict(_written(policy))
        self._required = dict(_required(policy))
        self._tiers = {tier.name: tier.public_why for tier in policy.tiers}
        self._others = frozenset(LANGUAGES) - {policy.language} if policy.language else frozenset[str]()
        self._told: dict[tuple[Code, str, str, str, bool], str] = {}

    def words(self, language: str) -> Mapping[str, str]:
        """The company's own words for customers and agents, and its name, in a language of LANGUAGES."""
        return self._words[language]

    def required(self, rule: str) -> str:
        """What must hold for a rule to let an action pass, in the words of its condition; "" for what is no rule with
        one."""
        return self._required.get(rule, "")

    def tell(self, because: Because, audience: str, locale: str = "") -> str:
        """The sentence for an Audience, in the locale's language where there is one, else in English.

        The company's own words are told as written; customers who are told things in another language than the one
        that the policy says it is written in get the plain sentence instead.
        """
        language, own = language_of(locale), audience != Audience.CUSTOMER or not self._is_foreign(locale)
        if because.observed or because.required or because.until:
            return self._tell(because, audience, language, own)
        key = (because.code, because.rule, audience, language, own)
        told = self._told.get(key)
        if told is None:
            told = self._told[key] = self._tell(because, audience, language, own)
        return told

    def tell_code(self, code: Code, audience: str, locale: str = "") -> str:
        """The sentence for a code of which there is nothing more to say."""
        told = self._told.get((code, "", audience, language_of(locale), True))
        return self.tell(Because(code), audience, locale) if told is None else told

    def _is_foreign(self, locale: str) -> bool:
        """Whether someone with this locale is told things in another language than the policy's."""
        return bool(self._others) and _primary(locale) in self._others

    def _tell(self, because: Because, audience: str, language: str, as_written: bool) -> str:
        sentence = LANGUAGES[language].sentences[because.code]
        own = self._own.get(because.rule, _NOTHING) if as_written else _NOTHING
        if audience == Audience.CUSTOMER:
            return own.customer or sentence.customer.format_map(self._words[language])
        filled = self._values(because, language)
        if audience == Audience.AGENT:
            return own.agent or sentence.agent.format_map(filled)
        told = sentence.analyst.format_map(filled)
        return f"{own.analyst} ({told})" if own.analyst else told

    def tell_tier(self, tier: str, audience: str, locale: str = "") -> str:
        """Why the customer is served as they are, safe for everyone but the analyst to hear."""
        why = self._tiers.get(tier, "")
        if audience != Audience.ANALYST and why and not self._is_foreign(locale):
            return why
        return self.tell(Because(Code.TIER, rule=f"tier:{tier}", observed=tier), audience, locale)

    def _values(self, because: Because, language: str) -> dict[str, str]:
        unknown = LANGUAGES[language].not_recorded
        return self._words[language] | {
            "rule": because.rule or unknown,
            "observed": self.named(because.observed) or unknown,
            "required": self.named(because.required or self._required.get(because.rule, "")) or unknown,
            "until": LANGUAGES[language].until.format(until=because.until) if because.until else "",
        }

    def named(self, condition: str) -> str:
        """A condition as this company's people read it: of a patient where that is the word."""
        return condition.replace("customer.", f"{self._whom}.") if self._whom != _CUSTOMER else condition


def language_of(locale: str) -> str:
    """The language, of LANGUAGES, in which someone with this locale is told things."""
    language = _primary(locale)
    return language if language in LANGUAGES else "en"


def _primary(locale: str) -> str:
    return locale.replace("_", "-").split("-")[0].lower() if locale else ""


def _written(policy: Policy) -> Iterator[tuple[str, Reason]]:
    yield from ((rule.id, rule.reason) for rule in policy.rules)
    yield from ((stop.id, stop.reason) for stop in policy.contact.stops)
    yield from ((limit.id, limit.reason) for limit in policy.limits)
    yield from ((row.id, row.reason) for table in policy.tables for row in table.rows)


def _required(policy: Policy) -> Iterator[tuple[str, str]]:
    """What passes each rule: the condition of one that allows, the contrary of one that blocks. A row of a table that
    took an action away did so because it holds, so another row would have to."""
    for rule in policy.rules:
        yield rule.id, _on_one_line(rule.when) if rule.allows else _contrary(rule.when)
    yield from ((stop.id, _contrary(stop.when)) for stop in policy.contact.stops if stop.when)
    yield from ((row.id, _contrary(row.when)) for table in policy.tables for row in table.rows)
    for tier in policy.tiers:
        yield f"tier:{tier.name}", _on_one_line(tier.when) if tier.when else _OTHERWISE


def _on_one_line(when: Expression) -> str:
    return " ".join(when.source.split())


def _contrary(when: Expression) -> str:
    written = _on_one_line(when)
    return f"!{written}" if written.replace(".", "").isidentifier() or _bracketed(written) else f"!({written})"


def _bracketed(written: str) -> bool:
    """Whether one pair of brackets is around all of it."""
    if not written.startswith("(") or '"' in written or "'" in written:
        return False
    depths = list(accumulate((one == "(") - (one == ")") for one in written))
    return depths.index(0) == len(written) - 1
