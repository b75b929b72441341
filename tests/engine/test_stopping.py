"""An action is stopped by its id, and a slip of the pen is told with what is close."""

from __future__ import annotations

from engine.activation.in_force import Stop
from engine.admin import Admin
from engine.live import Live
from engine.memory.store import MemoryStore
from engine.refusal import Refusal
from tests.engine.company import NOW, corner_shop


async def test_a_slip_of_the_pen_is_told_with_what_is_close():
    store = MemoryStore()
    live = Live(corner_shop(), store)
    await live.begin()
    admin = Admin(live, store, 256)
    refused = await admin.stop_action(Stop("film_bx", "mia", NOW, "sold out"), stopped=True)
    assert isinstance(refused, Refusal)
    assert refused.message == "must be an action of the policy: did you mean 'film_box'?"
    assert await admin.stop_action(Stop("film_box", "mia", NOW, "sold out"), stopped=True) == ("film_box",)
    assert await admin.stop_action(Stop("film_bx", "mia", NOW, ""), stopped=False) == ("film_box",)
