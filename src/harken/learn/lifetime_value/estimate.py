"""What customers with a running contract will bring: chance of still being there times money, by month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.learn.survival.hazard import HazardModel
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.estimates import Estimate, EstimateKind
from harken.vocabulary.messages import Message, gettext_noop

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

METHOD = "lifetime_value.hazard_times_money"
MONTHS_A_YEAR = 12
YEARS = (1, 3)
DISCOUNT = 0.10
CHUNK_CUSTOMERS = 20_000
RISK_MOST = 0.999


@dataclass(frozen=True, slots=True)
class Outlook:
    """How likely each customer is to leave in each coming month.

    `hazard` float (n, k) for the months ahead; the first `forecast` of them carry the customer's own forecast, the
    others the hazard of tenure and columns, in `band` (n, k) of `model`. `design` (n, p) as the model reads it.
    """

    model: HazardModel
    design: Floats
    band: NDArray[np.int8]
    hazard: Floats
    forecast: int


def outlook(
    model: HazardModel,
    design: Floats,
    period: Ints,
    *,
    months: int = YEARS[-1] * MONTHS_A_YEAR,
    risk: Floats | None = None,
    risk_months: int = 0,
) -> Outlook:
    """Chances of leaving month by month for customers now in `period` (n,) of their tenure.

    `design` (n, p) as `model` was fitted on. `risk` (n,) is a calibrated chance of leaving within the first
    `risk_months`, NaN where there is none: it replaces the model there, spread over the months as the model
    spreads it. After that a customer counts like others of the same tenure and columns.

    >>> flat = HazardModel(np.zeros(0, dtype=np.int64), np.array([-2.0]), np.zeros((1, 1)), 9, 9, 9)
    >>> ahead = outlook(flat, np.zeros((1, 0)), np.array([5]), months=4, risk=np.array([0.5]), risk_months=2)
    >>> float(np.prod(1 - ahead.hazard[0, :2])).__round__(6), ahead.hazard[0, 2:].round(3).tolist()
    (0.5, [0.119, 0.119])
    """
    coming = np.asarray(period, dtype=np.int64)[:, None] + np.arange(months)
    band = np.searchsorted(model.ends, coming, side="right").astype(np.int8)
    bands = len(model.ends) + 1
    own = design @ model.weights[bands:]
    hazard = 0.5 * (1 + np.tanh(0.5 * (model.weights[:bands][band] + own[:, None])))
    forecast = risk_months if risk is not None else 0
    if risk is not None and forecast:
        usual = np.log1p(-hazard[:, :forecast])
        wanted = np.log1p(-np.clip(np.nan_to_num(risk), 0.0, RISK_MOST))
        scale = np.where(np.isfinite(risk), wanted / usual.sum(axis=1), 1.0)
        hazard[:, :forecast] = -np.expm1(usual * scale[:, None])
    return Outlook(model, design, band, hazard, forecast)


@dataclass(frozen=True, slots=True)
class YearsValue:
    """Money expected within `years`: `total` of all customers, with its interval, and `mean` per customer."""

    years: int
    total: Estimate
    mean: Estimate


@dataclass(frozen=True, slots=True)
class LifetimeValue:
    """What the customers of today will bring within one and three years, in the currency of the values.

    Discounted by `discount` a year, times `margin`. Of `customers`, `with_value` have a value above zero; the
    others count as nothing. `per_customer` float32 (customers, number of years) is each one's own expected money.
    """

    years: tuple[YearsValue, ...]
    customers: int
    with_value: int
    margin: float
    discount: float
    per_customer: NDArray[np.float32]


def expected_value(hazard: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Expected money of each customer, its variance by the luck of leaving, and its derivative by each hazard.

    `hazard` (n, k) by month, `weight` (k,) what a whole month brings; who leaves within a month brings half of
    it. Shapes (n,), (n,) and (n, k).

    >>> expected_value(np.array([[0.5, 0.5]]), np.array([1.0, 1.0]))[0].tolist()
    [1.125]
    """
    there = np.cumprod(1 - hazard, axis=1)
    before = np.concatenate([np.ones((len(hazard), 1)), there[:, :-1]], axis=1)
    got = np.cumsum(weight) - weight / 2
    leaves = before * hazard
    stays = there[:, -1]
    mean = leaves @ got + stays * weight.sum()
    variance = leaves @ got**2 + stays * weight.sum() ** 2 - mean**2
    # what is still to come from the middle of each month on, were the customer to stay in it
    coming = (weight + np.append(weight[1:], 0.0)) / 2
    ahead = np.cumsum((there * coming)[:, ::-1], axis=1)[:, ::-1]
    return mean, np.maximum(variance, 0.0), -ahead / np.maximum(1 - hazard, 1 - RISK_MOST)


def lifetime_value(
    ahead: Outlook,
    yearly: Floats,
    *,
    margin: float = 1.0,
    discount: float = DISCOUNT,
    forecast_drift: tuple[float, float] = (0.0, 0.0),
    hazard_drift: tuple[float, float] = (0.0, 0.0),
) -> LifetimeValue:
    """Adds up what customers will bring and says how sure the sum is.

    `yearly` (n,) is money per customer and year, NaN where unknown; `margin` the part that counts (0 to 1).
    Drifts are observed over predicted departures in a test on a later time, minus one, and its standard error:
    `forecast_drift` of the forecast months, `hazard_drift` of the rest. The variance adds the sampling error of
    the hazards (delta method), both drifts, taken as one draw of how far the next years may be from the past, and
    the luck of single departures. Raises DataError where shapes or shares do not fit, NotEnoughData where nobody
    has a value.

    >>> flat = HazardModel(np.zeros(0, dtype=np.int64), np.array([-4.0]), np.zeros((1, 1)), 9, 9, 9)
    >>> ahead = outlook(flat, np.zeros((500, 0)), np.zeros(500, dtype=np.int64))
    >>> [round(found.mean.value) for found in lifetime_value(ahead, np.full(500, 120.0)).years]
    [103, 233]
    """
    value = np.asarray(yearly, dtype=np.float64)
    if value.shape != (len(ahead.hazard),) or not 0 < margin <= 1 or not 0 <= discount < 1:
        raise DataError(
            Message(
                gettext_noop(
                    "{customers} customers, {values} values, a margin of {margin} and a discount of {discount} do "
                    "not fit together."
                ),
                {"customers": len(ahead.hazard), "values": len(value), "margin": margin, "discount": discount},
            )
        )
    counted = np.where(np.isfinite(value) & (value > 0), value, 0.0) * margin / MONTHS_A_YEAR
    if not counted.any():
        raise NotEnoughData(Message(gettext_noop("No customer has a value above zero.")))
    months = np.arange(ahead.hazard.shape[1])
    weight = (1 + discount) ** (-(months + 0.5) / MONTHS_A_YEAR)
    spans = [years for years in YEARS if years * MONTHS_A_YEAR <= len(months)]
    found = [
        _within(ahead, counted, weight[: years * MONTHS_A_YEAR], forecast_drift, hazard_drift) for years in spans
    ]
    n = len(value)
    return LifetimeValue(
        tuple(
            YearsValue(years, _estimate(total, variance, n), _estimate(total / n, variance / n**2, n))
            for years, (_, total, variance) in zip(spans, found, strict=True)
        ),
        n,
        int((counted > 0).sum()),
        margin,
        discount,
        np.column_stack([own for own, _, _ in found]).astype(np.float32),
    )


def _within(
    ahead: Outlook,
    monthly: Floats,
    weight: Floats,
    forecast_drift: tuple[float, float],
    hazard_drift: tuple[float, float],
) -> tuple[Floats, float, float]:
    """Each customer's money within the months of `weight`, its sum and the variance of the sum."""
    months, model = len(weight), ahead.model
    bands = len(model.ends) + 1
    own = np.empty(len(monthly))
    slope = np.zeros(len(model.weights))
    chance = by_forecast = by_hazard = 0.0
    for start in range(0, len(monthly), CHUNK_CUSTOMERS):
        rows = slice(start, start + CHUNK_CUSTOMERS)
        hazard, money = ahead.hazard[rows, :months], monthly[rows]
        mean, variance, by_month = expected_value(hazard, weight)
        own[rows] = mean * money
        chance += float((variance * money**2).sum())
        by_month *= money[:, None] * hazard
        by_forecast += float(by_month[:, : ahead.forecast].sum())
        by_hazard += float(by_month[:, ahead.forecast :].sum())
        by_weight = (by_month * (1 - hazard))[:, ahead.forecast :]
        slope[bands:] += by_weight.sum(axis=1) @ ahead.design[rows]
        band = ahead.band[rows, ahead.forecast : months]
        slope[:bands] += np.bincount(band.ravel(), weights=by_weight.ravel(), minlength=bands)
    sampled = float(slope @ model.covariance @ slope)
    drifted = by_forecast**2 * sum(part**2 for part in forecast_drift)
    drifted += by_hazard**2 * sum(part**2 for part in hazard_drift)
    return own, float(own.sum()), sampled + drifted + chance


def _estimate(value: float, variance: float, n: int) -> Estimate:
    error = float(np.sqrt(variance))
    return Estimate.from_error(value, error, n, METHOD, kind=EstimateKind.PREDICTED, lowest=0.0)
