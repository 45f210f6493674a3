"""truth.json: every figure with its meaning in words, its unit and the group it holds for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from harken.demo.company import HISTORY_DAYS, NEW_DAYS, REPEAT_DAYS, ROSY_PLAN, WAVE_DAYS, Company, World
from harken.demo.exports import LEAK_COLUMN, LEGITIMATE_COLUMN, wave_file
from harken.demo.lives import AS_OF_DAYS
from harken.demo.memory import CAUSES, Cause
from harken.demo.truth import CLICK_CAPS, DOSE_DAY, GROUPS, MODES, WAIT_CAPS_MINUTES, Tally, ratio

Json = dict[str, Any]
Sums = Mapping[tuple[str | int, ...], float]

DEFINITIONS = {
    "whole base": "All who had joined and not left at midnight of the date; everybody's latent answer is known.",
    "leaving": "Closing the account within 90 days from midnight of the date on: billing_closures.csv.",
    "chance of leaving": "1 - exp(-sum of the nine hazards of ten days), mean over the group: expected, so "
    "without the luck of who really left.",
    "before": "The cause is removed from everything before the date; what comes after stays. This is what data "
    "known at the date can show.",
    "always": "The cause is removed before and after the date: the company as it would be without it.",
    "difference": "With the cause minus without it, mean over the group; above 0: more leave because of it.",
    "hazard_ratio": "What the equations multiply the hazard by, all else equal; risk ratios are smaller, since the "
    "comparison group has such events later on and nobody can leave twice.",
    "risk_ratio": "Mean chance with the cause over mean chance without it, in the group; odds_ratio alike.",
    "exposed": "Customers whose hazard (or liking) at the date is another one without what happened before.",
    "exposed in 90 days": "The same, counting only what happened in the 90 days before the date.",
    "new": f"Joined under {NEW_DAYS} days before the date; established: all others.",
    "nps": "Share answering 9-10 minus share answering 0-6, times 100.",
    "nps_difference": "NPS with the cause minus NPS without it, everybody answering with the same noise.",
    "left_in_history": "Customers who left in the 18 months, and who would have left had the cause never been "
    "there (the same draws, lived again from the start).",
    "money": "Expected loss of yearly charges: chance of leaving within 90 days times 12 monthly charges, summed.",
    "standard_error": "Of the mean difference, were these customers a sample from many such companies.",
}

CAUSE_WORDS: dict[Cause, str] = {
    "waiting": "Waits over 12 minutes: without them every wait is at most 12 minutes.",
    "waiting_below_kink": "Waits up to 12 minutes: without them those who never waited longer do not wait at all.",
    "repeat_contact": f"A second contact on one issue within {REPEAT_DAYS} days: without it the first solves it.",
    "bill_wording": "A bill that is not understood: without it the same contacts are about something else.",
    "price_rise": "A price rise within the last 180 days: without it prices stay.",
    "late_delivery": "A delivery that takes over 5 days: without it parcels come in time.",
    "checkout_clicks": "Checkouts of more than 9 clicks: without them every checkout takes at most 9.",
    "monthly_contract": "A monthly contract: without it these customers have one of 12 months.",
    "fading": "Usage fades by itself before leaving: a sign, not a lever.",
}

NULL_DRIVERS = {
    "region": "crm_subscriptions.csv: region",
    "gender": "crm_subscriptions.csv: gender",
    "payment_method": "crm_subscriptions.csv: payment_method",
    "device": "crm_subscriptions.csv: device",
    "newsletter": "crm_subscriptions.csv: newsletter",
    "sales_channel": "crm_subscriptions.csv: sales_channel",
    "app_logins": "usage_app.csv: app_logins; go with the contract and with usual usage, so they seem to matter",
    "help_pages": "web_pages.csv: page help; go before many contacts, so they seem to matter",
    "offer_pages": "web_pages.csv: page offers",
    "talk_time": "service_calls.csv: talk_seconds",
    "transfers": "service_calls.csv: transfers; they count in the survey after a contact only",
}


def state(
    tally: Tally, company: Company, *, seed: int, world: World, today: date, customers: int, signals: int
) -> Json:
    """Everything that is true about one grown company, as plain JSON values."""
    start = today - timedelta(days=HISTORY_DAYS)
    sums = tally.sums
    facts: Json = clean(
        {
            "simulated": True,
            "version": 1,
            "seed": seed,
            "world": world,
            "today": today.isoformat(),
            "history_starts": start.isoformat(),
            "time_zone": "Asia/Shanghai",
            "currency": "CNY",
            "horizon_days": 90,
            "definitions": DEFINITIONS,
            "units": {"difference": "probability", "nps": "points", "money": "CNY per year", "waits": "minutes"},
            "base": _base(sums, customers, signals),
            "waves": [_wave(sums, day, start) for day in WAVE_DAYS],
            "rosy_segment": _rosy(sums, start),
            "leaving": {_iso(start, day): _leaving(sums, day) for day in AS_OF_DAYS},
            "effects": {cause: _effect(sums, cause, start, company) for cause in CAUSES},
            "doses": {"as_of": _iso(start, DOSE_DAY), "mode": "always", **_doses(sums)},
            "null_drivers": {
                name: {"where": where, "effect_on_leaving": 0.0, "effect_on_liking": 0.0}
                for name, where in NULL_DRIVERS.items()
            },
            "kink": _kink(company),
            "value_at_stake": _stake(sums),
            "leaks": [_leak()],
            "suspicious_but_legitimate": [_legitimate(company)],
            "equations": {"where": "harken.demo.company", "constants": asdict(company)},
        }
    )
    return facts


def clean(value: Any) -> Any:
    """Numbers rounded to 10 significant digits, NaN to null, so that the file is the same everywhere.

    >>> clean({"a": [float("nan"), 1 / 3]})
    {'a': [None, 0.3333333333]}
    """
    if isinstance(value, Mapping):
        return {key: clean(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [clean(entry) for entry in value]
    if isinstance(value, float):
        return float(f"{value:.10g}") if math.isfinite(value) else None
    return value


def _iso(start: date, day: int) -> str:
    return (start + timedelta(days=day)).isoformat()


def _base(sums: Sums, customers: int, signals: int) -> Json:
    return {
        "customers": customers,
        "active_today": int(sums[("active", HISTORY_DAYS)]),
        "left_in_history": int(sums[("left",)]),
        "monthly_leaving_rate": sums[("left in month",)] / max(sums[("customer months",)], 1.0),
        "signals": signals,
        "signals_per_customer": signals / customers,
    }


def _nps(sums: Sums, key: tuple[str | int, ...]) -> float:
    return 100 * (ratio(sums, key, "promoters") - ratio(sums, key, "detractors"))


def _wave(sums: Sums, day: int, start: date) -> Json:
    names = [key[2] for key in sums if key[0] == "wave" and key[1] == day and key[3:] == ("whole", "n")]

    def figures(segment: str | int) -> Json:
        whole, answered = ("wave", day, segment, "whole"), ("wave", day, segment, "answered")
        n, got = int(sums[(*whole, "n")]), int(sums[(*answered, "n")])
        return {
            "customers": n,
            "answered": got,
            "response_rate": got / n if n else float("nan"),
            "nps_whole_base": _nps(sums, whole),
            "nps_answered": _nps(sums, answered),
            "answered_minus_whole": _nps(sums, answered) - _nps(sums, whole),
            "mean_whole_base": ratio(sums, whole, "sum"),
            "mean_answered": ratio(sums, answered, "sum"),
        }

    return {
        "sent_on": _iso(start, day),
        "file": wave_file(day, start),
        **figures("all"),
        "segments": {str(name): figures(name) for name in names if name != "all"},
    }


def _rosy(sums: Sums, start: date) -> Json:
    day = WAVE_DAYS[-1]
    segment = f"plan: {ROSY_PLAN}"
    whole, answered = ("wave", day, segment, "whole"), ("wave", day, segment, "answered")
    return {
        "segment": {"column": "plan", "value": ROSY_PLAN},
        "why": "Its teams are overloaded and solve less at the first contact; customers there who waited over 12 "
        "minutes or had to come back hardly answer. The files show both, so the whole base can be recovered.",
        "wave": _iso(start, day),
        "nps_whole_base": _nps(sums, whole),
        "nps_answered": _nps(sums, answered),
    }


def _leaving(sums: Sums, day: int) -> Json:
    return {
        "active": int(sums[("active", day)]),
        "chance_of_leaving": ratio(sums, ("band", day, "all"), "chance"),
        "really_left": None if day >= HISTORY_DAYS else int(sums[("left in 90 days", day)]),
        "by_latent_answer": {
            band: {
                "customers": int(sums[("band", day, band, "n")]),
                "chance_of_leaving": ratio(sums, ("band", day, band), "chance"),
            }
            for band in ("promoters", "passives", "detractors")
        },
    }


def _pair(sums: Sums, key: tuple[str | int, ...], scale: float = 1.0) -> Json:
    n = sums.get((*key, "n"), 0.0)
    with_cause, without = ratio(sums, key, "with"), ratio(sums, key, "without")
    difference = with_cause - without
    spread = max(ratio(sums, key, "squares") - difference**2, 0.0) if n else float("nan")
    return {
        "customers": int(n),
        "with": scale * with_cause,
        "without": scale * without,
        "difference": scale * difference,
        "standard_error": scale * math.sqrt(spread / n) if n else float("nan"),
    }


def _effect(sums: Sums, cause: Cause, start: date, company: Company) -> Json:
    def leaving(day: int, mode: str) -> Json:
        found = {}
        for group in GROUPS:
            key = ("leaving", day, cause, mode, group)
            pair = _pair(sums, key)
            risk, base = pair["with"], pair["without"]
            pair["risk_ratio"] = risk / base if base else float("nan")
            pair["odds_ratio"] = risk / (1 - risk) / (base / (1 - base)) if base else float("nan")
            if day == HISTORY_DAYS:
                pair["money"] = sums.get((*key, "money"), 0.0)
            found[group] = pair
        return found

    return {
        "cause": CAUSE_WORDS[cause],
        "hazard_ratio": _hazard_ratio(cause, company),
        "leaving": {mode: {_iso(start, day): leaving(day, mode) for day in AS_OF_DAYS} for mode in MODES},
        "nps_difference": {
            _iso(start, day): {group: _pair(sums, ("liking", day, cause, group), 100.0) for group in GROUPS}
            for day in AS_OF_DAYS
        },
        "left_in_history": {"with": int(sums[("left",)]), "without": int(sums[("left without", cause)])},
    }


def _hazard_ratio(cause: Cause, company: Company) -> Json:
    """By how much the hazard is multiplied, all else equal: the equation's own constant."""
    c = company.leaving
    per: dict[Cause, tuple[float, str]] = {
        "waiting": (c.wait_minute, "minute of the mean wait over 12"),
        "waiting_below_kink": (0.0, "minute of the mean wait up to 12"),
        "repeat_contact": (c.repeat, "customer with a repeat contact in the last 180 days"),
        "bill_wording": (c.bill, "new customer with such a contact in the last 180 days"),
        "price_rise": (c.price, "customer with a price rise in the last 180 days"),
        "late_delivery": (c.late, "customer with a late delivery in the last 180 days"),
        "checkout_clicks": (c.click, "click of the mean checkout over 9"),
        "monthly_contract": (c.contract[0] - c.contract[1], "customer, against 12 months"),
        "fading": (c.fading, "customer while fading"),
    }
    log_ratio, what = per[cause]
    return {"value": math.exp(log_ratio), "per": what}


def _doses(sums: Sums) -> Json:
    def table(name: str, caps: tuple[int, ...]) -> list[Json]:
        return [
            {
                "at_most": cap or None,
                "chance_of_leaving": ratio(sums, ("dose", name, cap), "chance"),
                "nps_whole_base": 100 * ratio(sums, ("dose", name, cap), "nps"),
            }
            for cap in (0, *caps)
        ]

    return {"wait_minutes": table("wait", WAIT_CAPS_MINUTES), "checkout_clicks": table("clicks", CLICK_CAPS)}


def _kink(company: Company) -> Json:
    return {
        "measure": "mean minutes waited over the contacts of the last 180 days",
        "minutes": company.happening.kink_minutes,
        "log_hazard_per_minute_below": 0.0,
        "log_hazard_per_minute_above": company.leaving.wait_minute,
        "liking_points_per_minute_below": 0.0,
        "liking_points_per_minute_above": company.liking.wait_minute,
        "counts_up_to_minutes": company.happening.kink_minutes + company.happening.wait_excess_most_minutes,
    }


def _stake(sums: Sums) -> Json:
    names = [key[1] for key in sums if key[0] == "stake" and key[2] == "n"]
    return {
        "meaning": "Sum over customers of today of the chance to leave within 90 days times 12 monthly charges.",
        "segments": {
            str(name): {
                "customers": int(sums[("stake", name, "n")]),
                "yearly_value": sums[("stake", name, "value")],
                "expected_to_leave": sums[("stake", name, "leaving")],
                "money": sums[("stake", name, "money")],
            }
            for name in names
        },
    }


def _leak() -> Json:
    return {
        "file": "crm_subscriptions.csv",
        "column": LEAK_COLUMN,
        "why": "Entered when a customer leaves or has given notice, empty for all others.",
    }


def _legitimate(company: Company) -> Json:
    return {
        "file": "crm_subscriptions.csv",
        "column": LEGITIMATE_COLUMN,
        "why": "Extras declined when the contract was signed: long before leaving, and of some weight.",
        "log_hazard_per_addon": company.leaving.addon_cancelled,
    }
