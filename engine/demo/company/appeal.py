"""How each action pulls: its rate with an average customer, its feel of price, and the needs that it meets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NEEDS = ("data", "phone", "thrift", "travel", "home", "fun", "bond", "caution", "trouble", "novelty")


@dataclass(frozen=True, slots=True)
class Appeal:
    """`rate`: acceptance by an average customer who has no particular need. `price_feel`: how much a thrifty
    customer turns away, in logits per unit of thrift. `pulls`: logits per unit of each need."""

    rate: float
    price_feel: float = 0.0
    pulls: Mapping[str, float] = field(default_factory=dict)


APPEALS: Mapping[str, Appeal] = {
    "tariff_unlimited": Appeal(0.028, 0.55, {"data": 0.95, "fun": 0.35}),
    "tariff_plus": Appeal(0.05, 0.25, {"data": 0.75, "thrift": 0.2}),
    "tariff_family_share": Appeal(0.05, 0.1, {"home": 0.6, "data": 0.3}),
    "tariff_young": Appeal(0.09, 0.1, {"data": 0.6, "thrift": 0.3}),
    "tariff_first_contract": Appeal(0.05, 0.15, {"data": 0.5, "bond": 0.4}),
    "tariff_business": Appeal(0.06, 0.1, {"data": 0.4, "caution": 0.3}),
    "phone_flagship": Appeal(0.028, 0.7, {"phone": 0.95, "novelty": 0.5}),
    "phone_middle": Appeal(0.04, 0.1, {"phone": 0.8, "caution": 0.15}),
    "phone_refurbished": Appeal(0.035, -0.35, {"phone": 0.65, "thrift": 0.55}),
    "trade_in_bonus": Appeal(0.07, -0.1, {"phone": 0.7, "thrift": 0.3}),
    "wireless_earbuds": Appeal(0.045, 0.2, {"fun": 0.55, "novelty": 0.5}),
    "smartwatch": Appeal(0.03, 0.35, {"novelty": 0.8, "fun": 0.2}),
    "fibre_500": Appeal(0.032, 0.2, {"home": 0.9, "fun": 0.4}),
    "home_5g_router": Appeal(0.03, 0.2, {"home": 0.7, "novelty": 0.35}),
    "tv_pack": Appeal(0.045, 0.15, {"fun": 1.0, "home": 0.2}),
    "device_insurance": Appeal(0.04, 0.25, {"caution": 0.8, "phone": -0.3}),
    "cloud_storage": Appeal(0.06, 0.1, {"novelty": 0.4, "caution": 0.35}),
    "roaming_pack_world": Appeal(0.1, 0.1, {"travel": 0.9}),
    "contract_renewal": Appeal(0.13, 0.0, {"bond": 0.7, "caution": 0.3}),
    "renewal_with_phone": Appeal(0.08, 0.3, {"bond": 0.5, "phone": 0.6}),
    "loyalty_discount_10": Appeal(0.14, -0.3, {"thrift": 0.5, "bond": 0.35}),
    "loyalty_discount_25": Appeal(0.22, -0.4, {"thrift": 0.5, "bond": 0.3}),
    "data_gift": Appeal(0.2, 0.0, {"data": 0.5, "bond": 0.2}),
    "right_size_plan": Appeal(0.16, -0.4, {"thrift": 0.5, "data": -0.5}),
    "goodwill_credit": Appeal(0.22, -0.2, {"trouble": 0.5, "bond": 0.3}),
    "message_data_low": Appeal(0.14, 0.0, {"data": 0.6}),
    "message_bill_explained": Appeal(0.16, 0.0, {"trouble": 0.5, "thrift": 0.3}),
    "message_delivery_status": Appeal(0.22, 0.0, {"trouble": 0.5}),
    "message_setup_help": Appeal(0.15, 0.0, {"caution": 0.5}),
    "message_points_expire": Appeal(0.1, -0.2, {"bond": 0.4, "thrift": 0.3}),
    "message_complaint_status": Appeal(0.24, 0.0, {"trouble": 0.4}),
    "message_fault_status": Appeal(0.24, 0.0, {"trouble": 0.4}),
    "ask_contact_time": Appeal(0.2, 0.0, {"bond": 0.5}),
    "ask_language": Appeal(0.22, 0.0, {"bond": 0.3}),
    "ask_main_use": Appeal(0.14, 0.0, {"bond": 0.4, "fun": 0.2}),
    "ask_satisfaction": Appeal(0.12, 0.0, {"bond": 0.4, "trouble": 0.3}),
}
