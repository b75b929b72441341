"""What training reads of earlier contacts is what the engine would have read from the ledger then."""

from pathlib import Path

import numpy as np
import pytest

from models.history import read_history
from models.history_check import Terms
from models.history_pairs import history_pairs
from models.pair import Contacts, PairInputs
from rules.ledger import OUTCOMES, Contact, Ledger

HEAD = "customer_id,at,channel,action,outcome,outcome_at"


def write_random_history(path: Path, terms: Terms, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [HEAD]
    for _ in range(400):
        customer, action = f"c{rng.integers(0, 5)}", terms.actions.ids[rng.integers(0, 3)]
        at = 1_700_000_000 + int(rng.integers(0, 400)) * 21_600
        outcome = ["", "REJECTED", "CLICKED", "NO_RESPONSE"][rng.integers(0, 4)]
        told = f"{at + int(rng.integers(1, 40)) * 21_600}" if outcome and rng.random() < 0.7 else ""
        rows.append(f"{customer},{at},web,{action},{outcome},{told}")
    path.write_text("\n".join(rows))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_replayed_ledger_gives_the_same_inputs(tmp_path: Path, history_terms: Terms, seed: int) -> None:
    write_random_history(tmp_path / "history.csv", history_terms, seed)
    history = read_history([tmp_path / "history.csv"], history_terms)
    found = history_pairs(history, history_terms.actions)
    pairs = PairInputs(history_terms.actions)
    results, stable = history.results, history_terms.actions.stable_ids
    ends = history.at + history_terms.actions.windows[history.actions]
    known_at = np.where(np.isnan(results.outcome_at), ends, results.outcome_at)
    for row in range(len(history)):
        now = history.at[row]
        earlier = np.flatnonzero((history.customers == history.customers[row]) & (history.at < now))
        ledger = Ledger.of(
            [
                Contact(
                    at=history.at[one],
                    action=int(stable[history.actions[one]]),
                    decision=0,
                    channel=0,
                    direction=0,
                    outcome=int(results.outcomes[one]) if known_at[one] < now else 0,
                )
                for one in earlier[np.argsort(history.at[earlier], kind="stable")]
            ]
        ).contacts
        seen = Contacts(ledger["action"], ledger["at"], ledger["outcome"])
        np.testing.assert_array_equal(found[row], pairs.rows(seen, history.actions[[row]], now)[0])


def test_an_answer_that_came_later_is_not_known_yet(tmp_path: Path, history_terms: Terms) -> None:
    rows = ["ann,2026-01-01,web,plan,REJECTED,2026-01-03", "ann,2026-01-02,web,plan,,", "ann,2026-01-04,web,plan,,"]
    (tmp_path / "history.csv").write_text("\n".join([HEAD, *rows]))
    found = history_pairs(read_history([tmp_path / "history.csv"], history_terms), history_terms.actions)
    np.testing.assert_array_equal(found[:, 0], [0, 1, 2])
    np.testing.assert_array_equal(found[:, 2], [np.nan, 0, 0])
    (tmp_path / "history.csv").write_text("\n".join([HEAD, rows[0], "ann,2026-01-04,web,plan,,"]))
    found = history_pairs(read_history([tmp_path / "history.csv"], history_terms), history_terms.actions)
    assert found[1, 2] == OUTCOMES.index("REJECTED")


@pytest.mark.parametrize(("day", "outcome"), [("14", 0), ("16", OUTCOMES.index("ACCEPTED"))])
def test_an_answer_without_a_time_counts_when_its_window_has_closed(
    tmp_path: Path, history_terms: Terms, day: str, outcome: int
) -> None:
    rows = ["ann,2026-01-01,web,plan,ACCEPTED,", f"ann,2026-01-{day},web,plan,,"]
    (tmp_path / "history.csv").write_text("\n".join([HEAD, *rows]))
    found = history_pairs(read_history([tmp_path / "history.csv"], history_terms), history_terms.actions)
    assert found[1].tolist() == [1, int(day) - 1, outcome, 1]


def test_actions_of_one_moment_do_not_see_each_other(tmp_path: Path, history_terms: Terms) -> None:
    rows = [f"ann,2026-01-0{day},web,{action},NO_RESPONSE," for day in (1, 2) for action in ("plan", "phone")]
    (tmp_path / "history.csv").write_text("\n".join([HEAD, *rows]))
    found = history_pairs(read_history([tmp_path / "history.csv"], history_terms), history_terms.actions)
    assert found[:, 0].tolist() == [0, 0, 1, 1]
    assert found[2, 1] == 1
