"""How strong a hidden cause would have to be to explain an adjusted effect away."""

from __future__ import annotations

from math import sqrt

import numpy as np


def robustness_value(t: float, df: int, *, share: float = 1.0, alpha: float | None = None) -> float:
    """The partial R2, with exposure and outcome alike, that a hidden cause needs to explain away an effect.

    `t` is the effect over its standard error with `df` degrees of freedom; `share` is the part of the effect to
    be explained away (1 = all). With `alpha` (such as 0.05) only the significance has to go. From 0 (anything
    overturns it) to 1.

    Source: Cinelli and Hazlett 2020, JRSS B 82, equations 9 and 11.

    >>> round(robustness_value(4.18445, 783), 5), round(robustness_value(4.18445, 783, alpha=0.05), 5)
    (0.13878, 0.07626)
    """
    from scipy.stats import t as student

    f = share * abs(t) / sqrt(df)
    if alpha is not None:
        critical = float(student.ppf(1 - alpha / 2, df - 1)) / sqrt(df - 1)
        f -= critical
        if f <= 0:
            return 0.0
        if share * abs(t) / sqrt(df) > 1 / critical:
            # beyond this the hidden cause is limited by the exposure alone
            f_squared = (share * abs(t) / sqrt(df)) ** 2
            return float((f_squared - critical**2) / (1 + f_squared))
    return 0.5 * (sqrt(f**4 + 4 * f**2) - f**2)


def partial_r2(t: float, df: int) -> float:
    """Share of the outcome's remaining variance that goes with the exposure: t2 / (t2 + df).

    >>> round(partial_r2(4.18445, 783), 5)
    0.02187
    """
    return t * t / (t * t + df)


def e_value(risk_ratio: float) -> float:
    """The risk ratio a hidden cause needs with both exposure and outcome to explain a risk ratio away.

    Source: VanderWeele and Ding 2017, Annals of Internal Medicine 167. 1 = nothing to explain.

    >>> [round(e_value(ratio), 4) for ratio in (3.9, 1.8, 0.8)]
    [7.263, 3.0, 1.809]
    """
    ratio = max(risk_ratio, 1 / risk_ratio) if risk_ratio > 0 else np.inf
    return float(ratio + sqrt(ratio * (ratio - 1))) if np.isfinite(ratio) else float("inf")
