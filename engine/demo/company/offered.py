"""What the company could propose to whom, before there was an engine: rough sense, no policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.demo.company.customers import Population
from engine.demo.company.moments import CHANNELS
from engine.demo.company.traits import Flags


@dataclass(frozen=True, slots=True)
class Offered:
    """An action that customers can answer, as the policy declares it: its id, the outcome that counts as success,
    and the channels in which it has a treatment."""

    id: str
    success: str
    channels: frozenset[str]


def in_channels(offered: Sequence[Offered]) -> Flags:
    """Which action is treated in which channel, shape (len(CHANNELS), A)."""
    return np.array([[name in action.channels for action in offered] for name in CHANNELS])


def sensible(population: Population, offered: Sequence[Offered]) -> Flags:
    """Which action makes any sense for which customer, shape (n, A): nothing is offered to those who have it."""
    everyone = np.ones(len(population), dtype=np.bool_)
    return np.column_stack([_SENSE[one.id](population) if one.id in _SENSE else everyone for one in offered])


def _contract(population: Population) -> Flags:
    return np.isin(population.columns["relationship_type"], ["postpaid", "family", "business"])


def _lacks(name: str) -> Callable[[Population], Flags]:
    return lambda population: population.number(name) == 0.0


def _above(name: str, least: float) -> Callable[[Population], Flags]:
    return lambda population: population.number(name) >= least


def _below(name: str, limit: float) -> Callable[[Population], Flags]:
    return lambda population: population.number(name, missing=np.inf) < limit


def _untold(name: str) -> Callable[[Population], Flags]:
    return lambda population: population.columns[name] == ""


def _renewable(population: Population) -> Flags:
    return _contract(population) & _below("contract_end_days", 180.0)(population)


def _paid_phone(population: Population) -> Flags:
    return _below("instalments_left", 4.0)(population)


def _occasional(population: Population) -> Flags:
    return ~_contract(population)


_SENSE: Mapping[str, Callable[[Population], Flags]] = {
    "tariff_unlimited": _below("plan_data_gb", 200.0),
    "tariff_plus": _below("plan_data_gb", 40.0),
    "tariff_family_share": _above("household_lines", 2.0),
    "tariff_young": _below("age", 27.0),
    "tariff_first_contract": _occasional,
    "tariff_business": lambda population: population.columns["relationship_type"] == "business",
    "phone_flagship": _paid_phone,
    "phone_middle": _paid_phone,
    "phone_refurbished": _paid_phone,
    "smartwatch": _lacks("has_watch"),
    "fibre_500": lambda population: _above("fibre_available", 1.0)(population) & _lacks("has_fixed_line")(population),
    "home_5g_router": lambda one: _above("home_5g_available", 1.0)(one) & _lacks("has_fixed_line")(one),
    "tv_pack": _lacks("has_tv"),
    "device_insurance": lambda population: _lacks("has_insurance")(population) & _known_phone(population),
    "cloud_storage": _lacks("has_cloud"),
    "roaming_pack_world": _lacks("has_roaming_pack"),
    "contract_renewal": _renewable,
    "renewal_with_phone": lambda population: _renewable(population) & _paid_phone(population),
    "loyalty_discount_10": _contract,
    "loyalty_discount_25": _contract,
    "data_gift": _contract,
    "right_size_plan": lambda one: (
        _contract(one) & _below("data_used_share", 0.5)(one) & _above("plan_price", 25.0)(one)
    ),
    "goodwill_credit": lambda one: _contract(one) & _above("calls_90d", 2.0)(one),
    "message_data_low": _above("data_used_share", 0.7),
    "message_bill_explained": _above("last_bill_change", 8.0),
    "message_delivery_status": _above("delivery_pending", 1.0),
    "message_setup_help": _below("days_since_last_order", 21.0),
    "message_points_expire": _above("loyalty_points", 300.0),
    "message_complaint_status": _above("open_complaints", 1.0),
    "message_fault_status": _above("open_fault", 1.0),
    "ask_contact_time": _untold("preferred_contact_time"),
    "ask_language": _untold("preferred_language"),
    "ask_main_use": _untold("main_use"),
    "ask_satisfaction": lambda population: np.isnan(np.asarray(population.columns["last_csat"], dtype=np.float64)),
}


def _known_phone(population: Population) -> Flags:
    return population.number("handset_age_months", missing=99.0) <= 24.0
