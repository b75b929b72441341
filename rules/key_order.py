"""The order in which the keys of `policy.yaml` are written; names that the company gives keep their own order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rules.alert_kinds import ALERT_KINDS

_NAME = "*"
_REASON = ("customer", "agent", "analyst")
_SCOPE = ("kinds", "issues", "groups", "tags", "actions")
_FIELD = ("type", "values", "default")
_ORDER: Mapping[tuple[str, ...], Sequence[str]] = {
    (): (
        "version", "company", "currency", "time_zone", "salt", "approval", "language", "vocabulary", "intents",
        "context", "channels", "goals", "tiers", "attributes", "outcomes", "actions", "rules", "tables",
        "contact_policy", "limits", "levers", "context_weights", "influencers", "thresholds", "exploration",
        "control_groups", "events", "alerts", "triggers", "procedures",
    ),
    ("vocabulary",): ("customer", "customers", "agent"),
    ("context", _NAME): _FIELD,
    ("attributes", _NAME): (*_FIELD, "live", "stale_after"),
    ("channels", _NAME): ("direction", "placements"),
    ("channels", _NAME, "placements", _NAME): ("kinds", "count", "fallback", "nothing", "compare"),
    ("tiers",): ("direction", "min_stay", "order"),
    ("tiers", "direction"): ("now", "before", "rising", "losing"),
    ("tiers", "order", "-"): ("name", "when", "keep_when", "otherwise", "weights", "exploration_limit", "public_why"),
    ("actions", _NAME): (
        "kind", "issue", "group", "tags", "attributes", "valid", "valid_for", "value", "cost", "success",
        "success_within", "starting", "mandatory", "price_sensitive", "allow_price_by_tier", "partner", "fills",
        "reject_reasons", "treatments",
    ),
    ("actions", _NAME, "valid"): ("from", "to"),
    ("actions", _NAME, "starting"): ("propensity", "evidence"),
    ("actions", _NAME, "partner"): ("name", "purpose"),
    ("actions", _NAME, "treatments", _NAME): (
        "id", "title", "body", "say", "if_objected", "accept", "reject", "link",
    ),
    ("rules", "-"): (
        "id", "stage", "allow_when", "block_when", "scope", "channel_specific", "protected_use", "reason",
    ),
    ("tables", "-"): (
        "id", "stage", "scope", "hit", "inputs", "channel_specific", "protected_use", "reason", "rows",
    ),
    ("tables", "-", "rows", "-"): ("id", "cells", "then", *_SCOPE, "reason"),
    ("contact_policy",): ("ledger_length", "caps", "cool_downs", "pauses", "quiet_hours", "consent", "stops"),
    ("contact_policy", "caps", "-"): (
        "id", "limit", "within", "calendar", "per", "channels", "direction", "counts", "release_after", "scope",
    ),
    ("contact_policy", "cool_downs", "-"): ("id", "for", "after", "channels", "direction", "scope"),
    ("contact_policy", "cool_downs", "-", "after"): ("channels", "direction", "scope"),
    ("contact_policy", "pauses", "-"): ("id", "after", "pause", "for", "scope"),
    ("contact_policy", "pauses", "-", "after"): ("outcome", "outcomes", "reasons", "times", "within"),
    ("contact_policy", "quiet_hours", "-"): ("from", "to", "channels", "inbound"),
    ("contact_policy", "consent", "-"): ("channels", "purpose", "scope"),
    ("contact_policy", "stops", "-"): (
        "id", "when", "after", "broken_promise", "open_complaint", "scope", "reason",
    ),
    ("contact_policy", "stops", "-", "after"): ("outcomes", "within"),
    ("limits", "-"): (
        "id", "volume", "budget", "spends", "capacity", "fresh_for", "when_unknown", "per", "each", "pacing", "tiers",
        "channels", "scope", "reason",
    ),
    ("limits", "-", "pacing"): ("by_hour",),
    ("levers",): ("actions", "issues", "groups"),
    ("context_weights", "-"): ("id", "when", "add", "scope"),
    ("influencers", "-"): ("id", "after", "add", "to", "over", "scope"),
    ("influencers", "-", "after"): ("outcomes", "reasons", "scope"),
    ("thresholds", "-"): ("min_propensity", "min_priority", "scope", "channels", "direction"),
    ("exploration",): ("share", "placements"),
    ("events", _NAME): ("meaning", "about", "attributes"),
    ("events", _NAME, "attributes", _NAME): ("type", "values", "required", "log", "meaning"),
    ("alerts",): ("owner", *ALERT_KINDS, "webhook"),
    ("alerts", _NAME): ("to", "at_most", "tiers"),
    ("triggers", "-"): (
        "id", "on", "when", "channel", "placement", "intent", "delay", "expires", "collapse_key", "withdraw_on",
    ),
    ("procedures", "-"): ("id", "intent", "intents", "channels", "owner", "steps"),
    ("procedures", "-", "steps", "-"): ("id", "text", "within", "team"),
    ("control_groups", "-"): ("id", "share", "arm"),
}  # fmt: skip


def policy_key_order(path: tuple[str, ...]) -> Sequence[str]:
    """The keys of the mapping at a path, in the order in which they are written; none where they are names."""
    found = _ORDER.get(path)
    if found is None and path[-1:] == ("scope",) and _parent_is_listed(path):
        return _SCOPE
    if found is None and path[-1:] == ("reason",) and _parent_is_listed(path):
        return _REASON
    return found if found is not None else _named(path)


def _parent_is_listed(path: tuple[str, ...]) -> bool:
    return len(path) > 1 and path[-2] in ("-", "after")


def _named(path: tuple[str, ...]) -> Sequence[str]:
    """The same with names in the path, of which there are at most two."""
    return next((keys for pattern, keys in _ORDER.items() if _fits(pattern, path)), ())


def _fits(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    same = (part in (_NAME, key) for part, key in zip(pattern, path, strict=False))
    return len(pattern) == len(path) and _NAME in pattern and all(same)
