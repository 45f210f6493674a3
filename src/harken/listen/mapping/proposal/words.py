"""Words that tell what a column or file is about, in English and in Chinese (simplified and traditional)."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=20_000)
def spaced(name: str) -> str:
    """A name in small letters with its words apart: CustomerID, customer_id and "Customer ID" read the same.

    >>> spaced("CustomerID"), spaced("NPS_Score2"), spaced("客户 编号")
    ('customer id', 'nps score 2', '客户编号')
    """
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    text = re.sub(r"([A-Za-z])([0-9])", r"\1 \2", text).casefold()
    text = " ".join(re.sub(r"[\W_]+", " ", text).split())
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", text)


def pattern(*words: str) -> re.Pattern[str]:
    """A pattern that finds any of the words: English ones whole (* opens the end), Chinese ones anywhere."""
    parts = []
    for word in words:
        if re.search(r"[\u4e00-\u9fff]", word):
            parts.append(re.escape(word))
        elif word.endswith("*"):
            parts.append(rf"\b{re.escape(word[:-1])}")
        else:
            parts.append(rf"\b{re.escape(word)}\b")
    return re.compile("|".join(parts))


WORDS: dict[str, list[str]] = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


def named(name: str) -> re.Pattern[str]:
    """The pattern of one list of words.toml."""
    return pattern(*WORDS[name])


def numbered(things: str, numbers: str, between: str = " ") -> list[str]:
    """Every thing with every word for a number: customer id, customer no, ..."""
    return [f"{thing}{between}{number}" for thing in WORDS[things] for number in WORDS[numbers]]


PERSON_STRONG = pattern(
    *numbered("who", "number"),
    *(f"{who} unique id" for who in WORDS["who"]),
    *(f"{who}{number}" for who in WORDS["who"] for number in ("id", "no", "key", "num", "number", "code")),
    *numbered("who_chinese", "number_chinese", ""),
    *(f"{who} id" for who in WORDS["who_chinese"]),
    *WORDS["person_strong"],
)
NATIVE = pattern(*numbered("thing", "number"), *WORDS["native"])
BARE_ID = re.compile(r"^(id|no|编号|編號|序号|序號|index|uid|#|unnamed 0)$")
WEIGHT = re.compile(
    r"^(survey |sample |case |design |final |post strat\w* )?"
    r"(weight|weights|wt|wgt|样本权重|加权权重|权重|權重)( \d+)?$"
)
NAME = re.compile(r"^(customer |full |contact )?name$|姓名|^名称$|客户名称")
ROLE = re.compile(r"^(contact |account )?role$|^角色$")
PERSON_MEDIUM = named("person_medium")
PERSON_WEAK = named("person_weak")
NOT_PERSON = named("not_person")
ACCOUNT = named("account")
NPS = named("nps")
EFFORT = named("effort")
EASE = named("ease")
SATISFACTION = named("satisfaction")
STARS = named("stars")
NOT_SCORE = named("not_score")
CHURN = named("churn")
RENEWAL = named("renewal")
AGAIN = named("again")
NOT_OUTCOME = named("not_outcome")
COMMENT = named("comment")
VALUE_YEARLY = named("value_yearly")
VALUE_MONTHLY = named("value_monthly")
VALUE_OTHER = named("value_other")
TIME_GOOD = named("time_good")
TIME_FIRST = named("time_first")
TIME_BAD = named("time_bad")
JOINED = named("joined")
LEFT = named("left")
AMOUNT = named("amount")
PRICE = named("price")
QUANTITY = named("quantity")
CURRENCY = named("currency")
CHANNEL = named("channel")
ISSUE = named("issue")
AGENT = named("agent")
WAIT = named("wait")
DURATION = named("duration")
TOUCHPOINT = named("touchpoint")
EMAIL = named("email")
PHONE = named("phone")
LANGUAGE = named("language")
FILE_ORDERS = named("file_orders")
FILE_CONTACTS = named("file_contacts")
FILE_USAGE = named("file_usage")
FILE_BEHAVIOUR = named("file_behaviour")
FILE_SURVEY = named("file_survey")
FILE_CUSTOMERS = named("file_customers")
CONVERSION = named("conversion")
FILE_CHURN = named("file_churn")
DELIVERED = named("delivered")
RESOLVED = named("resolved")
RESPONDED = named("responded")
PARENT = named("parent")
OWNER = named("owner")
RENEWAL_DATE = named("renewal_date")
ASKED = named("asked")
FILE_PAYMENTS = named("file_payments")
ORDER_COUNT = re.compile(
    r"^(n|num|nr|number of|count of|total) (orders|purchases)\b|\b(order|purchase)s? count\b"
    r"|订单数|購買次數|购买次数|下单次数|訂單數"
)
NOT_MONEY = re.compile(
    r"sequential|instal|type|method|freight|shipping|tax|discount|status|count|index|rate|次|运费|税|折扣|percent|占比"
)
NOBODY = re.compile(r"^(0+|-1|unknown|anonymous|guest|none|未知|匿名|游客|無|无)$", re.IGNORECASE)
