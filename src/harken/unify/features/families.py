"""Proposes the driver family of a column from its header, in English and Chinese."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from harken.unify.features.family_table import FAMILIES, FAMILY_LIMIT, OTHER_FAMILY, Family
from harken.vocabulary.messages import Message, gettext_noop

_BY_ID: dict[str, Family] = {family.id: family for family in FAMILIES}
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_CJK = re.compile(r"[\u3400-\u9fff]")


def _singular(word: str) -> str:
    """The singular of an English word, roughly: enough that `charges` meets `charge`."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def header_words(header: str) -> tuple[str, ...]:
    """The words of a header in lower case and singular: camel case, digits and underscores split.

    >>> header_words("DroppedBlockedCalls")
    ('dropped', 'blocked', 'call')
    >>> header_words("Avg_Monthly GB-Download")
    ('avg', 'monthly', 'gb', 'download')
    """
    return tuple(_singular(word.lower()) for word in _WORD.findall(header))


@cache
def _phrases() -> tuple[dict[tuple[str, ...], int], dict[str, int], int]:
    """English phrases and Chinese phrases with the position of their family; the longest English phrase."""
    english: dict[tuple[str, ...], int] = {}
    chinese: dict[str, int] = {}
    for position, family in enumerate(FAMILIES):
        for phrase in family.words:
            if _CJK.search(phrase):
                chinese.setdefault(phrase, position)
            else:
                english.setdefault(tuple(_singular(word) for word in phrase.lower().split()), position)
    return english, chinese, max(len(words) for words in english)


def propose(header: str) -> str | None:
    """The family id whose words the header carries, None where no word is known.

    The longest phrase wins, then the more specific family.

    >>> [
    ...     propose(header)
    ...     for header in ("TotalRecurringCharge", "CallWaitingCalls", "MonthsInService", "月租费(元)")
    ... ]
    ['price', 'usage', 'tenure', 'price']
    >>> propose("Favourite colour") is None
    True
    """
    english, chinese, longest = _phrases()
    words = header_words(header)
    found: list[tuple[int, int]] = []
    for size in range(1, min(longest, len(words)) + 1):
        for start in range(len(words) - size + 1):
            position = english.get(words[start : start + size])
            if position is not None:
                found.append((-size, position))
    # Two Chinese characters carry about as much as one English word.
    found.extend((-((len(phrase) + 1) // 2), position) for phrase, position in chinese.items() if phrase in header)
    return FAMILIES[min(found)[1]].id if found else None


def is_lever(family: str) -> bool:
    """True where an owner in the company can change what the family is about; False for a family of one's own.

    >>> is_lever("waiting"), is_lever("tenure")
    (True, False)
    """
    known = _BY_ID.get(family)
    return known is not None and known.lever


FEWER_FAMILIES = frozenset({"waiting", "repeat_contact", "transfers", "service_quality", "contacts", "marketing"})
"""Families of events that the company could have fewer of: each is a burden, or a message it need not send."""
_BURDENS = frozenset(
    header_words(
        "rise increase change raise fee surcharge penalty late missed failed failure error reminder dunning overdue"
        " declined rejected refund"
    )
)
_BURDENS_CHINESE = re.compile(
    "涨价|漲價|调价|調價|上调|上調|变更|變更|滞纳|滯納|罚|罰|逾期|失败|失敗|错误|錯誤|催|退款"
)
_COUNTED = frozenset(header_words("count number num qty quantity"))
_COUNTED_CHINESE = re.compile("次数|次數|笔数|筆數|张数|張數|数量|數量")
_PAID = frozenset(header_words("charge revenue cost fare premium arpu mrr arr recurring"))
_PAID_CHINESE = re.compile("月租|月费|月費|话费|話費|资费|資費|费用|費用|保费|保費|会费|會費|收入")
_EXTRA = _BURDENS | frozenset(header_words("overage extra tax market relative versus vs over discount hidden"))
_EXTRA_CHINESE = re.compile(f"{_BURDENS_CHINESE.pattern}|套外|附加|优惠|優惠|折扣|市场|市場|额外|額外")


def can_be_fewer(kind: str, family: str) -> bool:
    """True where the company could have fewer events of a kind: burdens it causes, not the rhythm of its business.

    A complaint, an outage, a price rise can be spared a customer; bills, payments, visits and orders come with
    being one, and how many there are only says how long and how much somebody buys.

    >>> can_be_fewer("complaint", "contacts"), can_be_fewer("price_rise", "price"), can_be_fewer("bill", "billing")
    (True, True, False)
    """
    return family in FEWER_FAMILIES or bool(_BURDENS & set(header_words(kind)) or _BURDENS_CHINESE.search(kind))


def is_lever_column(header: str, family: str) -> bool:
    """True where an owner can change what a column of numbers says.

    Not so where it counts the rhythm of the business (bills, payments) or says what a customer pays in all, which
    follows from what is bought; fees, overage and price rises stay levers.

    >>> [is_lever_column(name, "billing") for name in ("bill_count", "days overdue", "缴费次数")]
    [False, True, False]
    >>> [
    ...     is_lever_column(name, "price")
    ...     for name in ("MonthlyCharges", "overage_charge", "price_increase", "月租费")
    ... ]
    [False, True, True, False]
    """
    if not is_lever(family):
        return False
    words = set(header_words(header))
    if words & _EXTRA or _EXTRA_CHINESE.search(header):
        return True
    if words & _COUNTED or _COUNTED_CHINESE.search(header):
        return can_be_fewer(header, family) or family not in ("billing", "price", "delivery", "web")
    paid = bool(words & _PAID or _PAID_CHINESE.search(header))
    return not (paid and family in ("price", "billing"))


def family_label(family: str) -> Message:
    """How a family is called on a page: the table's label, or the name the company gave it.

    >>> str(family_label("repeat_contact")), str(family_label("Artwork"))
    ('Repeat contact', 'Artwork')
    """
    known = _BY_ID.get(family)
    if known is not None:
        return Message(known.label)
    return Message(gettext_noop("{family}"), {"family": family})


def merge_small(families: Iterable[str], declared: Iterable[str] = ()) -> dict[str, str]:
    """Which family each family becomes so that a company has at most 15.

    `families` names the family of every feature (with repeats). The smallest join their parent, families that no
    word placed join the columns without a family; names of the company's own among the `declared` ones stay.

    >>> merge_small(["waiting", "waiting", "delivery"])
    {'delivery': 'delivery', 'waiting': 'waiting'}
    """
    sizes = Counter(families)
    becomes = {family: family for family in sorted(sizes)}
    kept = set(declared) - set(_BY_ID)
    while len(set(becomes.values())) > FAMILY_LIMIT:
        now: Counter[str] = Counter()
        for family, size in sizes.items():
            now[becomes[family]] += size
        movable = [family for family in now if family not in kept and _parent(family)]
        if not movable:
            break
        smallest = min(movable, key=lambda family: (now[family], family))
        becomes = {old: _parent(smallest) if new == smallest else new for old, new in becomes.items()}
    return becomes


def _parent(family: str) -> str:
    known = _BY_ID.get(family)
    return OTHER_FAMILY if known is None else known.parent
