"""The people of the demonstration's story: customers with names, each in a situation of their own.

Which customer each of them is, `engine.demo.cast` decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PLAIN: Mapping[str, float | str | bool] = {
    "tenure_months": 30.0,
    "relationship_type": "postpaid",
    "value_12m": 320.0,
    "value_prior_12m": 310.0,
    "arpu": 27.0,
    "contract_end_days": 300.0,
    "orders_12m": 1.0,
    "days_since_last_order": 210.0,
    "age": 41.0,
    "is_minor": False,
    "region": "west",
    "household_lines": 1.0,
    "loyalty_points": 240.0,
    "plan_family": "medium",
    "plan_price": 25.0,
    "plan_data_gb": 20.0,
    "fibre_available": False,
    "home_5g_available": False,
    "has_fixed_line": False,
    "has_tv": False,
    "has_insurance": False,
    "has_cloud": True,
    "has_watch": False,
    "has_roaming_pack": False,
    "data_used_gb": 12.0,
    "data_used_share": 0.6,
    "data_trend": 0.05,
    "slowed_days_30d": 0.0,
    "streaming_share": 0.4,
    "voice_minutes_30d": 110.0,
    "roaming_days_90d": 0.0,
    "roaming_cost_90d": 0.0,
    "speed_mbps": 62.0,
    "dropped_calls_30d": 0.0,
    "handset_age_months": 18.0,
    "handset_os": "android",
    "handset_price_class": "middle",
    "handset_5g": True,
    "instalments_left": 0.0,
    "late_payments_12m": 0.0,
    "payment_method": "direct_debit",
    "billing_disputes_90d": 0.0,
    "last_bill_change": 0.0,
    "days_since_bill": 12.0,
    "credit_class": "a",
    "calls_90d": 0.0,
    "open_complaints": 0.0,
    "open_fault": False,
    "delivery_pending": False,
    "delivery_late_days": 0.0,
    "last_csat": 4.0,
    "nps": 8.0,
    "price_sensitivity": 0.5,
    "churn_risk": 0.12,
    "preferred_language": "en",
    "preferred_contact_time": "",
    "main_use": "family",
}


@dataclass(frozen=True, slots=True)
class Persona:
    """A named customer. `differs`: features in which the person differs from a plain customer. `traits` likewise,
    from 0 (years from 41). `zone` "" = the company's; `id` "" = not cast yet."""

    name: str
    differs: Mapping[str, float | str | bool]
    traits: Mapping[str, float] = field(default_factory=dict)
    zone: str = ""
    id: str = ""


MIA = Persona(
    "Mia Berger",
    {
        "tenure_months": 74.0,
        "value_12m": 742.0,
        "value_prior_12m": 690.0,
        "arpu": 44.0,
        "contract_end_days": 154.0,
        "age": 37.0,
        "plan_family": "large",
        "plan_price": 38.0,
        "plan_data_gb": 50.0,
        "data_used_gb": 31.0,
        "data_used_share": 0.62,
        "handset_age_months": 31.0,
        "handset_os": "ios",
        "handset_price_class": "premium",
        "loyalty_points": 620.0,
        "price_sensitivity": 0.44,
        "churn_risk": 0.18,
    },
    {"curiosity": 1.2, "warmth": 0.8, "thrift": -0.3, "years": 37.0},
)
TOM = Persona(
    "Tom Krause",
    {
        "price_sensitivity": 0.93,
        "contract_end_days": 210.0,
        "data_used_gb": 9.4,
        "data_used_share": 0.47,
        "handset_age_months": 41.0,
        "handset_price_class": "budget",
        "churn_risk": 0.3,
        "last_csat": 3.0,
    },
    {"thrift": 1.6, "means": -0.9},
)
LENA = Persona(
    "Lena Okafor",
    {
        "relationship_type": "family",
        "tenure_months": 51.0,
        "household_lines": 3.0,
        "value_12m": 540.0,
        "value_prior_12m": 660.0,
        "open_complaints": 1.0,
        "calls_90d": 4.0,
        "last_bill_change": 34.6,
        "billing_disputes_90d": 1.0,
        "last_csat": 1.0,
        "nps": 2.0,
        "churn_risk": 0.56,
    },
    {"warmth": -1.0},
)
JONAS = Persona(
    "Jonas Weber",
    {
        "days_since_last_order": 1.0,
        "orders_12m": 3.0,
        "handset_age_months": 0.0,
        "handset_price_class": "premium",
        "instalments_left": 24.0,
        "loyalty_points": 90.0,
    },
)
AYLIN = Persona(
    "Aylin Demir",
    {
        "data_used_gb": 19.4,
        "data_used_share": 0.97,
        "slowed_days_30d": 4.0,
        "data_trend": 0.3,
        "streaming_share": 0.72,
        "age": 29.0,
        "preferred_language": "tr",
        "price_sensitivity": 0.35,
        "has_tv": True,
        "instalments_left": 15.0,
    },
    {"hunger": 1.4, "years": 29.0},
)
WEI = Persona(
    "Li Wei",
    {
        "preferred_language": "zh",
        "contract_end_days": 55.0,
        "plan_family": "large",
        "plan_price": 38.0,
        "plan_data_gb": 50.0,
        "data_used_gb": 17.0,
        "data_used_share": 0.34,
        "instalments_left": 14.0,
        "roaming_days_90d": 11.0,
        "roaming_cost_90d": 42.0,
        "value_12m": 480.0,
        "loyalty_points": 120.0,
    },
    {"wanderlust": 1.5},
)
