"""Settles the layout of a document: order of keys, indentation, quotes, width. What it says stays, and every comment.

Whatever is written is read again before it is trusted: same values in the same order but for keys of a known order,
same comments, and settling it once more changes nothing. Where that does not hold the document is refused.
"""

from __future__ import annotations

from typing import Any

from documents.layout.comments import Comments, comments_of
from documents.layout.tree import Collection, Scalar, layout_of
from documents.layout.writer import KeyOrder, Path, Writer
from documents.node import Node
from documents.problem import BefitError
from documents.strict_yaml import parse

_BREAKS = ("\r", "\x85", "\u2028", "\u2029")


class LayoutNotSettled(BefitError):
    """A document's layout cannot be settled without risk to what it says; it is best left as it is."""


def settled(text: str, file: str, order: KeyOrder) -> str:
    """The text with its layout settled. Raises DocumentInvalid where it is no strict YAML, LayoutNotSettled where its
    layout is beyond this."""
    source = parse(text, file)
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if any(sign in plain for sign in _BREAKS):
        raise LayoutNotSettled(f"{file} has line breaks that not every reader takes for one; write them away first")
    written, comments = _written(plain, order)
    again, kept = _written(written, order)
    same = _said(parse(written, file).root, order) == _said(source.root, order)
    if not same or again != written or kept.texts() != comments.texts():
        raise LayoutNotSettled(f"the layout of {file} cannot be settled safely; it is left as it is")
    return written


def _written(text: str, order: KeyOrder) -> tuple[str, Comments]:
    root = layout_of(text)
    comments = comments_of(text, root)
    return Writer(_headed(comments, root, order), order).document(root), comments


def _headed(comments: Comments, root: Scalar | Collection, order: KeyOrder) -> Comments:
    """With what stands above the first key kept on top, where another key comes first now."""
    if isinstance(root, Scalar) or not root.entries:
        return comments
    first, now = root.entries[0].number, Writer(comments, order).sorted_entries(root, ())[0].number
    if first == now or first not in comments.leading:
        return comments
    leading = {number: lines for number, lines in comments.leading.items() if number != first}
    leading[now] = [*comments.leading[first], *leading.get(now, [])]
    return Comments(leading, comments.behind, comments.closing, comments.inside)


def _said(node: Node, order: KeyOrder, path: Path = ()) -> Any:
    """What a document says, in the order of its keys but where their order is known."""
    if isinstance(node.value, dict):
        said = [(key, _said(child, order, (*path, key))) for key, child in node.value.items()]
        known = set(order(path))
        return [*[one for one in said if one[0] not in known], dict(one for one in said if one[0] in known)]
    if isinstance(node.value, tuple):
        return tuple(_said(child, order, (*path, "-")) for child in node.value)
    return type(node.value), node.value
