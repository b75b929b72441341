"""A model trained with the policy's own outcomes reads each of them by its name; one that was not reads OTHER."""

from __future__ import annotations

import numpy as np
import pytest

from engine.last_outcomes import LastOutcomes
from models.pair import LAST_OUTCOMES, last_outcomes, recoded_outcomes
from rules.ledger import OTHER, OUTCOMES, OWN_SHIFT, Contact, Ledger, own_outcome

OWN = ("VISIT", "CALLBACK")


def ledger(*types: str) -> Ledger:
    told = [(OUTCOMES.index(one) if one in OUTCOMES else OTHER, own_outcome(one) << OWN_SHIFT | 1) for one in types]
    contacts = [Contact(at, 7, at, 0, 0, outcome, 0, flags) for at, (outcome, flags) in enumerate(told)]
    return Ledger.of(contacts)


@pytest.mark.parametrize(
    ("values", "expected"),
    [(last_outcomes(OWN), ["VISIT", "REJECTED", "CALLBACK", "", "OTHER"]), (LAST_OUTCOMES, None)],
)
def test_outcomes_are_read_by_their_names(values, expected):
    contacts = LastOutcomes(values).contacts(ledger("VISIT", "REJECTED", "CALLBACK", "", "FORGOTTEN").columns)
    found = [values[one] for one in contacts.outcomes]
    assert found == (expected or ["OTHER", "REJECTED", "OTHER", "", "OTHER"])


def test_a_ledger_without_own_outcomes_is_read_as_it_is():
    told = ledger("REJECTED", "").columns
    assert LastOutcomes(last_outcomes(OWN)).contacts(told).outcomes is told.outcomes


def test_rows_of_one_list_are_told_in_another():
    codes = np.array([np.nan, 0, 4, 10, 11], dtype=np.float32)
    found = recoded_outcomes(codes, last_outcomes(OWN), last_outcomes(("CALLBACK",)))
    assert np.isnan(found[0])
    assert found[1:].tolist() == [0, 4, OTHER, 10]
