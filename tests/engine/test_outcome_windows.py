"""A window that closes without an answer is told once, by whichever worker; a late answer corrects it."""

import asyncio

import pytest

from engine.feedback import Feedback, no_response_id
from engine.ids import CustomerKey
from engine.outcome import Disposition, Outcome
from engine.outcomes.closing import Closing
from engine.outcomes.windows import DueWindow
from engine.outcomes.write import Window, window_of
from engine.record import unpack_outcome
from engine.slate import Slate, SlateAction, SlatePlacement, pack
from rules.ledger import OUTCOMES, stable_id
from tests.engine.asking import ANNA, DAY, NOW, PARTITIONS, at_most, contact, contacts_of, new_decision, proposing
from tests.engine.company import corner_shop
from tests.engine.servers import say

ACTION = "film_box"
CLOSES = NOW + 14 * DAY
ANNA_MET = CustomerKey("shop", "visitor")


async def decided(store, customer=ANNA):
    """A decision that offers Film Box and gives an answer fourteen days."""
    decision = new_decision(customer)
    offered = SlatePlacement("hero", "RANKED", (SlateAction(ACTION, "OFFER", "", "", None, (), None),), None, None, "")
    slate = Slate("shop", customer.customer, "web", NOW, "t", "p", "", (), "", None, (offered,), (ACTION,))
    windows = (Window(ACTION, CLOSES),)
    await store.commit(
        proposing(
            contact(decision, stable_id(ACTION)),
            decision=decision,
            customer=customer,
            slate=pack(slate),
            at=NOW,
            windows=windows,
            note=pack(slate),
        )
    )
    return decision


def workers(store, count=1):
    return [Closing(store, Feedback(store, corner_shop)) for _ in range(count)]


async def told(store, decision, type_, at, name=""):
    outcome = Outcome(name or f"{type_}-{at}", decision, ACTION, type_, at=at)
    (verdict,) = await Feedback(store, corner_shop).record([outcome], at)
    return verdict


async def outcomes(store, customer=ANNA):
    found = [entry async for entry in store.read_log(customer.partition(PARTITIONS)) if entry.kind == "outcome"]
    return [unpack_outcome(entry.body) for entry in found]


async def holds(store, customer=ANNA):
    (one,) = contacts_of((await store.read_profile(customer, "")).contacts)
    return OUTCOMES[one.outcome]


async def test_nobody_answered_is_entered_once_when_the_window_closes_whoever_looks(store):
    decision = await decided(store)
    (worker,) = workers(store)
    assert await worker.run(CLOSES - 1) == 0
    entered = await asyncio.gather(*(one.run(CLOSES + 5) for one in workers(store, 4)))
    assert sum(entered) == 1
    assert await worker.run(CLOSES + 60) == 0
    (one,) = await outcomes(store)
    assert (one.outcome_id, one.type, one.at) == (no_response_id(decision, ACTION), "NO_RESPONSE", CLOSES)
    assert (one.customer, one.channel, one.action) == ("anna", "web", ACTION)
    assert await holds(store) == "NO_RESPONSE"


@pytest.mark.parametrize(("type_", "closed"), [("ACCEPTED", True), ("REJECTED", True), ("CLICKED", False)])
async def test_a_final_answer_closes_the_window(store, type_, closed):
    decision = await decided(store)
    await told(store, decision, type_, NOW + DAY)
    assert await workers(store)[0].run(CLOSES) == (0 if closed else 1)
    assert (no_response_id(decision, ACTION) in [one.outcome_id for one in await outcomes(store)]) != closed


async def test_a_late_answer_corrects_the_ledger_and_the_log(store):
    decision = await decided(store)
    await workers(store)[0].run(CLOSES)
    assert (await told(store, decision, "ACCEPTED", CLOSES + DAY)).disposition is Disposition.ACCEPTED
    assert await holds(store) == "ACCEPTED"
    late = (await outcomes(store))[-1]
    assert (late.type, late.corrects, late.late) == ("ACCEPTED", no_response_id(decision, ACTION), False)


async def test_an_answer_that_comes_before_anybody_looked_corrects_nothing(store):
    decision = await decided(store)
    await told(store, decision, "ACCEPTED", CLOSES + 1)
    assert [one.corrects for one in await outcomes(store)] == [""]
    assert await workers(store)[0].run(CLOSES + 2) == 0


async def test_a_visitor_who_became_a_customer_keeps_the_window(store):
    decision = await decided(store, ANNA_MET)
    await store.link(ANNA_MET, ANNA)
    assert sum(await asyncio.gather(*(one.run(CLOSES) for one in workers(store, 2)))) == 1
    assert await holds(store) == "NO_RESPONSE"
    await told(store, decision, "ACCEPTED", CLOSES + 60)
    assert await holds(store) == "ACCEPTED"
    assert (await outcomes(store))[-1].corrects == no_response_id(decision, ACTION)


async def test_a_decision_that_never_was_and_a_forgotten_customer_leave_no_window(store):
    voided, erased = await decided(store), await decided(store, ANNA_MET)
    await store.void(ANNA, voided)
    await store.erase(ANNA_MET)
    assert await store.answers.due(CLOSES, 10) == ()
    assert await store.read_offered(voided) is None
    assert await store.read_offered(erased) is None


async def test_what_lost_its_claim_has_no_window(store):
    decision = new_decision()
    claim = at_most(0)
    windows = (Window(ACTION, CLOSES), Window("other", CLOSES))
    packed = (contact(decision, stable_id(ACTION)), contact(decision, stable_id("other")))
    await store.commit(proposing(*packed, decision=decision, claims=(claim,), take=True, windows=windows))
    assert [one.action for one in await store.answers.due(CLOSES, 10)] == ["other"]


def test_a_window_is_named_by_decision_and_action():
    window = DueWindow(ANNA, "d", "a", 1.0)
    assert DueWindow.of(ANNA, window.member, 1.0) == window
    assert DueWindow.of(ANNA, "!" + window_of("d", "a"), 1.0).ended


async def test_answers_count_while_the_window_is_open_though_the_slate_is_gone(valkey, valkey_store):
    decision = await decided(valkey_store)
    assert say(valkey.plan.address, "DEL", f"befit:{{p{ANNA.partition(PARTITIONS):03d}}}:d:{decision}") == 1
    assert await valkey_store.read_slate(decision) is None
    assert (await told(valkey_store, decision, "ACCEPTED", NOW + 5 * DAY)).note == ""
    assert await holds(valkey_store) == "ACCEPTED"
