"""Whether the servers of a store are fit to hold decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.doctor.finding import Finding, note, well, wrong
from engine.doctor.vitals import NodeVitals

OLDEST_MAJOR = 7
"""Functions came with Redis 7; every Valkey has them."""
SLOW_S = 0.001
CLOCK_S = 1.0
FULL = 0.8


def server_findings(server: NodeVitals) -> Iterator[Finding]:
    """What one server says of itself, judged."""
    yield _version(server.info)
    yield _speed(server)
    yield _clock(server)
    yield _memory(server.info)
    yield _eviction(server.info)
    yield _durability(server.info)


def _version(info: Mapping[str, str]) -> Finding:
    name = "Valkey" if "valkey_version" in info else "Redis"
    number = info.get("valkey_version") or info.get("redis_version", "")
    if name == "Redis" and int(number.partition(".")[0] or 0) < OLDEST_MAJOR:
        return wrong("store", f"Redis {number}", "Redis 7 or later, or Valkey: older ones cannot run functions")
    return well("store", f"{name} {number}, up for {int(info.get('uptime_in_seconds', 0)) // 3600} h")


def _speed(server: NodeVitals) -> Finding:
    found = f"{server.round_trip_s * 1000:.2f} ms there and back"
    if server.round_trip_s > SLOW_S:
        return note("distance", found, "a decision asks twice: put the store nearer, or look for what slows it")
    return well("distance", found)


def _clock(server: NodeVitals) -> Finding:
    found = f"{abs(server.ahead_s):.3f} s {'ahead of' if server.ahead_s > 0 else 'behind'} this machine's"
    if abs(server.ahead_s) > CLOCK_S:
        return wrong("clock", found, "let NTP set both: limits and windows go by time")
    return well("clock", "agrees with this machine's")


def _memory(info: Mapping[str, str]) -> Finding:
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    if not most:
        return well("memory", f"{used / 2**20:,.0f} MiB used, no bound")
    found = f"{used / 2**20:,.0f} of {most / 2**20:,.0f} MiB used"
    if used > FULL * most:
        return wrong("memory", found, "befit sink --follow trims the log; or give the store more memory")
    return well("memory", found)


def _eviction(info: Mapping[str, str]) -> Finding:
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        return wrong("eviction", f"{policy}: contacts and consent may vanish", "maxmemory-policy noeviction")
    return well("eviction", "nothing is thrown away")


def _durability(info: Mapping[str, str]) -> Finding:
    appends = info.get("aof_enabled") == "1"
    if appends and info.get("aof_last_write_status", "ok") != "ok":
        return wrong("durability", "the last write to disk failed", "look at the store's disk and its own log")
    if appends:
        return well("durability", "every write goes to its append-only file")
    replicas = int(info.get("connected_slaves", 0))
    if replicas:
        return well("durability", f"nothing on its own disk, {replicas} replicas")
    return note("durability", "a restart loses what came since the last snapshot", "appendonly yes")
