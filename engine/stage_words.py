"""The stages at which an action may be stopped, as business people read them."""

from __future__ import annotations

from collections.abc import Mapping

STAGES: Mapping[str, str] = {
    "availability": "is it there",
    "eligibility": "may we",
    "applicability": "does it make sense now",
    "suitability": "is it good for them",
    "contact": "may we reach out now",
    "threshold": "is the chance high enough",
    "arbitration": "choosing among the allowed actions",
}
