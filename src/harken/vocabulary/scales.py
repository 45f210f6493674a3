"""Answer scales: range, direction and bands are declared once, printed always and guessed never."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harken.vocabulary.messages import gettext_noop


class Headline(StrEnum):
    """How the answers on a scale become one number."""

    NET = "net"
    """Share of the favourable band minus share of the unfavourable band, in points from -100 to 100."""
    TOP_SHARE = "top_share"
    """Share of the favourable band, in per cent."""
    MEAN = "mean"
    """Mean answer, in units of the scale."""


@dataclass(frozen=True, slots=True)
class Scale:
    """One answer scale: whole or broken numbers from `minimum` to `maximum`.

    `high_is_good` is the direction. Answers at or beyond `favourable_from` are the favourable band (promoters,
    satisfied, easy), at or beyond `unfavourable_from` on the other side the unfavourable band.

    >>> SCALES["nps_0_10"].band(9), SCALES["nps_0_10"].band(7), SCALES["nps_0_10"].band(6)
    (1, 0, -1)
    >>> SCALES["ces_1_5_hard"].band(5)
    -1
    """

    id: str
    label: str
    minimum: float
    maximum: float
    high_is_good: bool
    favourable_from: float
    unfavourable_from: float
    headline: Headline

    def __post_init__(self) -> None:
        if not self.minimum < self.maximum:
            raise ValueError(f"scale {self.id}: minimum {self.minimum} must be below maximum {self.maximum}")
        ordered = (
            self.unfavourable_from < self.favourable_from
            if self.high_is_good
            else self.favourable_from < self.unfavourable_from
        )
        if not ordered:
            raise ValueError(f"scale {self.id}: the favourable and unfavourable bands overlap")

    def holds(self, score: float) -> bool:
        """True where `score` lies on the scale."""
        return self.minimum <= score <= self.maximum

    def band(self, score: float) -> int:
        """1 for a favourable answer, -1 for an unfavourable one, 0 between."""
        sign = 1 if self.high_is_good else -1
        if sign * score >= sign * self.favourable_from:
            return 1
        if sign * score <= sign * self.unfavourable_from:
            return -1
        return 0


SCALES: dict[str, Scale] = {
    scale.id: scale
    for scale in (
        Scale("nps_0_10", gettext_noop("Net Promoter Score (NPS), 0–10"), 0, 10, True, 9, 6, Headline.NET),
        Scale(
            "csat_1_5",
            gettext_noop("Customer satisfaction (CSAT), 1–5, higher is better"),
            1,
            5,
            True,
            4,
            2,
            Headline.TOP_SHARE,
        ),
        Scale(
            "ces_1_5_hard",
            gettext_noop("Customer effort score (CES), 1–5, 5 = hard, lower is better"),
            1,
            5,
            False,
            2,
            4,
            Headline.MEAN,
        ),
        Scale(
            "ces_1_7_easy",
            gettext_noop("Customer effort score (CES), 1–7, 7 = easy, higher is better"),
            1,
            7,
            True,
            5,
            3,
            Headline.MEAN,
        ),
        Scale("stars_1_5", gettext_noop("Stars, 1–5, higher is better"), 1, 5, True, 4, 2, Headline.MEAN),
        Scale("yes_no", gettext_noop("Satisfied, yes = 1 or no = 0"), 0, 1, True, 1, 0, Headline.TOP_SHARE),
        Scale("rating_1_5", gettext_noop("Rating, 1–5, higher is better"), 1, 5, True, 4, 2, Headline.MEAN),
        Scale("rating_0_10", gettext_noop("Rating, 0–10, higher is better"), 0, 10, True, 9, 6, Headline.MEAN),
    )
}
