"""What a language brings: a sentence for every code and audience, and the small words around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules.terms import Reason
from rules.wording.code import Code


@dataclass(frozen=True, slots=True)
class Language:
    """`{rule}`, `{observed}`, `{required}`, `{until}` and the company's words `{customer}`, `{customers}`, `{agent}`,
    `{company}` are filled into sentences. A customer's sentence never tells a rule, what was observed, or what
    someone is worth. `words` stand where the policy's vocabulary has none of its own.
    """

    sentences: Mapping[Code, Reason]
    until: str
    not_recorded: str
    words: Mapping[str, str]
