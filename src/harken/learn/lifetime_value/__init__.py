"""What customers will bring: money within one and three years, by contract or by repeat purchase."""

from harken.learn.lifetime_value.estimate import (
    LifetimeValue,
    Outlook,
    YearsValue,
    expected_value,
    lifetime_value,
    outlook,
)
from harken.learn.lifetime_value.purchases import (
    PurchaseModel,
    SpendModel,
    fit_purchases,
    fit_spend,
    purchase_histories,
)
from harken.learn.lifetime_value.repeat import RepeatCheck, RepeatValue, repeat_value

__all__ = [
    "LifetimeValue",
    "Outlook",
    "PurchaseModel",
    "RepeatCheck",
    "RepeatValue",
    "SpendModel",
    "YearsValue",
    "expected_value",
    "fit_purchases",
    "fit_spend",
    "lifetime_value",
    "outlook",
    "purchase_histories",
    "repeat_value",
]
