"""One connection for all: replies reach who asked, whatever is cancelled, late, torn or wrong."""

import asyncio

import pytest

from engine.redis.wire import Wire, WireLimits
from engine.store import StoreUnavailable

SOON, LATER = 0.001, 60.0


class RecordingTransport(asyncio.Transport):
    """What was written, and whether the connection was cut."""

    def __init__(self):
        super().__init__()
        self.writes = []
        self.cut = False

    def write(self, data):
        self.writes.append(bytes(data))

    def abort(self):
        self.cut = True


def connected(**limits):
    wire = Wire(WireLimits(**limits))
    transport = RecordingTransport()
    wire.connection_made(transport)
    return wire, transport


async def code_of(awaitable):
    with pytest.raises(StoreUnavailable) as refused:
        await awaitable
    return refused.value.code


async def test_requests_of_one_turn_of_the_loop_go_out_in_one_write():
    wire, transport = connected()
    asked = [wire.ask(b"%d " % number, 1, LATER) for number in range(3)]
    await asyncio.sleep(0)
    assert transport.writes == [b"0 1 2 "]
    wire.data_received(b"+a\r\n+b\r\n+c\r\n")
    assert await asyncio.gather(*asked) == [[b"a"], [b"b"], [b"c"]]


async def test_several_commands_of_one_request_are_answered_together():
    wire, _ = connected()
    asked = wire.ask(b"two", 2, LATER)
    wire.data_received(b"$-1\r\n")
    assert not asked.done()
    wire.data_received(b"*1\r\n:7\r\n")
    assert await asked == [None, [7]]


async def test_replies_may_arrive_byte_by_byte():
    wire, _ = connected()
    asked = wire.ask(b"x", 1, LATER)
    for byte in b"$5\r\nhello\r\n":
        wire.data_received(bytes((byte,)))
    assert await asked == [b"hello"]


async def test_cancelled_requests_keep_their_place_in_the_line():
    wire, _ = connected()
    asked = [wire.ask(b"x", 1, LATER) for _ in range(200)]
    for index, future in enumerate(asked):
        if index % 8:
            future.cancel()
    wire.data_received(b"".join(b":%d\r\n" % number for number in range(200)))
    assert [future.result() for future in asked[::8]] == [[number] for number in range(0, 200, 8)]


async def test_a_late_reply_does_not_reach_the_next_request():
    wire, _ = connected()
    assert await code_of(wire.ask(b"slow", 1, SOON)) == "timeout"
    asked = wire.ask(b"next", 1, LATER)
    wire.data_received(b"+late\r\n+right\r\n")
    assert await asked == [b"right"]


async def test_each_request_has_its_own_time():
    wire, _ = connected()
    patient, hasty = wire.ask(b"x", 1, LATER), wire.ask(b"x", 1, SOON)
    assert await code_of(hasty) == "timeout"
    assert not patient.done()
    patient.cancel()


async def test_a_silent_connection_is_cut_with_all_that_wait():
    wire, transport = connected(stall_ms=1)
    asked = [wire.ask(b"x", 1, LATER) for _ in range(2)]
    assert [await code_of(future) for future in asked] == ["stalled"] * 2
    assert transport.cut
    await wire.lost


@pytest.mark.parametrize("garbage", [b"hello\r\n", b"$x\r\n", b"\x00\x00\r\n", b"+answer\r\n+to nothing\r\n"])
async def test_what_is_no_reply_cuts_the_connection(garbage):
    wire, transport = connected()
    first, second = wire.ask(b"x", 1, LATER), wire.ask(b"x", 1, LATER)
    wire.data_received(garbage * 2)
    assert transport.cut
    codes = [future.exception() for future in (first, second)]
    assert all(code is None or code.code == "desync" for code in codes)


async def test_errors_are_values_in_the_line():
    wire, _ = connected()
    first, second = wire.ask(b"x", 1, LATER), wire.ask(b"x", 1, LATER)
    wire.data_received(b"-OOM no memory\r\n+OK\r\n")
    assert [str((await first)[0]), await second] == ["OOM no memory", [b"OK"]]


async def test_a_line_that_is_too_long_takes_no_more():
    wire, _ = connected(waiting=2)
    asked = [wire.ask(b"x", 1, LATER) for _ in range(2)]
    with pytest.raises(StoreUnavailable, match="overloaded"):
        wire.ask(b"x", 1, LATER)
    wire.drop("disconnected")
    assert [await code_of(future) for future in asked] == ["disconnected"] * 2


async def test_a_lost_connection_fails_who_waits_and_who_asks():
    wire, _ = connected()
    asked = wire.ask(b"x", 1, LATER)
    wire.connection_lost(None)
    assert await code_of(asked) == "disconnected"
    with pytest.raises(StoreUnavailable, match="disconnected"):
        wire.ask(b"x", 1, LATER)
