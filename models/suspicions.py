"""What looks wrong with a history once a model has learnt from it: told, never acted upon.

A model that orders customers within an action nearly without fault (AUC above 0.9, the most that health checks of the
field expect) mostly reads what is known only after the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from models.matrix import NOT_THERE
from models.train import NEWEST
from models.trained_evidence import METRIC

TOO_GOOD = 0.9
LEADING = 0.2
"""Share of what all splits gained from which on an input is named."""
FEWEST = 20
MOST_NAMED = 10
_OF_CUSTOMERS = ("customer.", "context.")


def suspicions(metrics: Mapping[str, Any]) -> list[str]:
    """Sentences for whoever trained, from a manifest's metrics; none where nothing is striking."""
    return [*_too_good(metrics), *_one_sided(metrics), *_too_fresh(metrics), *_silent(metrics)]


def _too_good(metrics: Mapping[str, Any]) -> Iterator[str]:
    order, positives = metrics["auc_within_actions"], metrics["positives"]
    if order is None or order <= TOO_GOOD or min(positives, metrics["rows"] - positives) < FEWEST:
        return
    shares = {name: share for name, share in metrics["gain"].items() if name.startswith(_OF_CUSTOMERS)}
    leading = [name for name, share in shares.items() if share >= LEADING] or list(shares)[:1]
    named = " and ".join(f"{name} ({shares[name]:.0%} of what tells)" for name in leading)
    yield (
        f"an order within actions (AUC) of {order:.3f} is hardly ever true: was {named} known before the contact? "
        "If not, declare it `known_after_outcome: true`"
    )


def _one_sided(metrics: Mapping[str, Any]) -> Iterator[str]:
    counts = list(metrics[METRIC].values())
    successes, closed = (sum(one[place] for one in counts) for place in (0, 1))
    if successes == closed:
        yield "every contact succeeded: are those that came to nothing missing? Write them with NO_RESPONSE"
    elif not successes:
        yield "no contact succeeded: do the outcomes name each action's own success, and within its window?"


def _too_fresh(metrics: Mapping[str, Any]) -> Iterator[str]:
    if many := metrics.get(NEWEST, {}).get("flattering", 0):
        yield (
            f"{many:,} contacts are so new that mostly what went well is known of them: chances come out too high "
            "until windows have closed"
        )


def _silent(metrics: Mapping[str, Any]) -> Iterator[str]:
    """What stands in the files and tells nothing, by why."""
    found: dict[str, list[str]] = {}
    for name, why in metrics["left_out"].items():
        if name.startswith(_OF_CUSTOMERS) and why != NOT_THERE:
            found.setdefault(why, []).append(name)
    for why, names in found.items():
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        yield f"{why}, so nothing is learnt from: {', '.join(names[:MOST_NAMED])}{more}"
