"""Every error reply has a code of ours; URLs say where the store is."""

import hiredis
import pytest

from engine.redis.refusals import REFUSALS, Remedy, function_missing, refusal, unavailable
from engine.redis.url import Endpoint, UrlInvalid, parse

REPLIES = {
    "READONLY You can't write against a read only replica.": ("read-only", Remedy.RECONNECT),
    "LOADING Redis is loading the dataset in memory": ("loading", Remedy.NONE),
    "NOAUTH Authentication required.": ("unauthenticated", Remedy.NONE),
    "WRONGPASS invalid username-password pair or user is disabled.": ("unauthenticated", Remedy.NONE),
    "NOPERM this user has no permissions to run the 'get' command": ("not-permitted", Remedy.NONE),
    "MISCONF Redis is configured to save RDB snapshots": ("cannot-persist", Remedy.NONE),
    "NOREPLICAS Not enough good replicas to write.": ("no-replicas", Remedy.NONE),
    "CLUSTERDOWN The cluster is down": ("cluster-down", Remedy.REDISCOVER),
    "TRYAGAIN Multiple keys request during rehashing of slot": ("slot-migrating", Remedy.NONE),
    "MOVED 1 10.0.0.1:6379": ("moved", Remedy.REDISCOVER),
    "ASK 1 10.0.0.1:6379": ("moved", Remedy.REDISCOVER),
    "MASTERDOWN Link with MASTER is down": ("master-down", Remedy.REDISCOVER),
    "OOM command not allowed when used memory > 'maxmemory'.": ("out-of-memory", Remedy.NONE),
    "WRONGTYPE Operation against a key holding the wrong kind of value": ("wrong-type", Remedy.NONE),
    "BUSY Redis is busy running a script.": ("busy", Remedy.NONE),
    "UNKILLABLE Sorry the script already executed write commands": ("busy", Remedy.NONE),
    "CROSSSLOT Keys in request don't hash to the same slot": ("cross-slot", Remedy.NONE),
    "ERR something else": ("error", Remedy.NONE),
    "": ("error", Remedy.NONE),
}


@pytest.mark.parametrize("text", REPLIES)
def test_an_error_reply_is_classified(text):
    known = refusal(hiredis.ReplyError(text))
    assert (known.code, known.remedy) == REPLIES[text]
    assert unavailable(hiredis.ReplyError(text)).code == known.code


def test_every_row_of_the_table_is_tested():
    assert {text.partition(" ")[0] for text in REPLIES} >= set(REFUSALS)


def test_a_missing_function_is_told_from_other_errors():
    assert function_missing(hiredis.ReplyError("ERR Function not found"))
    assert not function_missing(hiredis.ReplyError("ERR Library not found"))


@pytest.mark.parametrize(
    ("url", "endpoints", "database"),
    [
        ("redis://localhost", (Endpoint("localhost", 6379),), 0),
        ("redis://10.0.0.1:7000/2", (Endpoint("10.0.0.1", 7000),), 2),
        ("redis://one:7000,two:7001", (Endpoint("one", 7000), Endpoint("two", 7001)), 0),
        ("redis://[::1]:7000", (Endpoint("::1", 7000),), 0),
        ("unix:///run/valkey.sock", (Endpoint("", path="/run/valkey.sock"),), 0),
        ("unix:///run/valkey.sock?db=3", (Endpoint("", path="/run/valkey.sock"),), 3),
    ],
)
def test_a_url_names_servers_and_database(url, endpoints, database):
    assert (parse(url).endpoints, parse(url).access.database) == (endpoints, database)


def test_a_url_may_hold_user_and_password():
    access = parse("redis://befit:p%40ss@host").access
    assert (access.username, access.password) == ("befit", "p@ss")
    assert "p@ss" not in repr(parse("redis://befit:p%40ss@host"))


def test_rediss_means_tls():
    assert parse("rediss://host").access.tls is not None
    assert parse("redis://host").access.tls is None


@pytest.mark.parametrize(
    "url", ["http://host", "host:6379", "", "redis://host:port", "redis://host/db", "rediss://host?ca=/no/such/file"]
)
def test_a_url_that_cannot_be_read_is_refused(url):
    with pytest.raises(UrlInvalid):
        parse(url)
