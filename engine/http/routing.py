"""Which of several values belongs to a verb and a path with parts in braces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import unquote

from engine.http.problem import BAD_PATH, NO_PATH, Problem, not_this_way

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What is served at a path, and what stood there for the parts in braces."""

    served: T
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Place(Generic[T]):
    parts: tuple[str, ...]
    by_verb: dict[str, T]


class Router(Generic[T]):
    """Finds by verb and path; HEAD is answered by what answers GET."""

    def __init__(self, served: Iterable[tuple[str, str, T]]) -> None:
        places: dict[str, _Place[T]] = {}
        for verb, path, one in served:
            place = places.setdefault(path, _Place(tuple(path.split("/")), {}))
            place.by_verb[verb] = one
            if verb == "GET":
                place.by_verb["HEAD"] = one
        self._places = tuple(places.values())

    def find(self, verb: str, path: str) -> Found[T] | Problem:
        """What answers, or why nothing does. A slash inside of a part is sent as %2F."""
        sent = path.split("/")
        for place in self._places:
            if _fits(place.parts, sent):
                served = place.by_verb.get(verb)
                if served is None:
                    return not_this_way(", ".join(sorted(place.by_verb)))
                return _found(served, place.parts, sent)
        return NO_PATH


def _fits(parts: tuple[str, ...], sent: list[str]) -> bool:
    if len(parts) != len(sent):
        return False
    return all(part == there or (part[:1] == "{" and there) for part, there in zip(parts, sent, strict=True))


def _found(served: T, parts: tuple[str, ...], sent: list[str]) -> Found[T] | Problem:
    pairs = zip(parts, sent, strict=True)
    try:
        fields = {part[1:-1]: unquote(there, errors="strict") for part, there in pairs if part[:1] == "{"}
    except UnicodeDecodeError:
        return BAD_PATH
    return Found(served, fields)


def camel(name: str) -> str:
    """A field's name as JSON says it."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
