"""What a server tells of itself on /metrics, and what changed between two looks."""

from __future__ import annotations

import contextlib
import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass

_SAMPLE = re.compile(r"(?P<name>\w+)(\{(?P<labels>[^}]*)\})? (?P<value>\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

Sample = tuple[str, tuple[tuple[str, str], ...]]


def scraped(address: str) -> Mapping[Sample, float]:
    """All samples of the server whose /metrics is at HOST:PORT: name with its labels, sorted, to value."""
    with contextlib.closing(http.client.HTTPConnection(address, timeout=10)) as connection:
        connection.request("GET", "/metrics")
        return parsed(connection.getresponse().read().decode())


def parsed(text: str) -> Mapping[Sample, float]:
    """The samples of a text in Prometheus' format."""
    matches = (_SAMPLE.match(line) for line in text.splitlines() if not line.startswith("#"))
    return {
        (found["name"], tuple(sorted(_LABEL.findall(found["labels"] or "")))): float(found["value"])
        for found in matches
        if found
    }


@dataclass(frozen=True, slots=True)
class Change:
    """What a server did between two scrapes."""

    before: Mapping[Sample, float]
    after: Mapping[Sample, float]

    def by(self, name: str, label: str) -> dict[str, float]:
        """The increase of a counter by one of its labels, the others summed up; what did not change is left out."""
        found: dict[str, float] = {}
        for sample, value in self.after.items():
            if sample[0] == name:
                increase = value - self.before.get(sample, 0.0)
                key = dict(sample[1]).get(label, "")
                found[key] = found.get(key, 0.0) + increase
        return {key: increase for key, increase in found.items() if increase}

    def mean_micros(self, name: str, label: str) -> dict[str, float]:
        """Mean of a histogram of seconds by its label, in microseconds."""
        counts, sums = self.by(f"{name}_count", label), self.by(f"{name}_sum", label)
        return {key: sums.get(key, 0.0) / count * 1e6 for key, count in counts.items()}
