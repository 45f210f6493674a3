"""Invented names of people and companies, addresses that reach nobody."""

from __future__ import annotations

import numpy as np

from harken.demo.customers import Customers
from harken.demo.streams import stream
from harken.demo.writing import Texts, named

SURNAMES = (
    ("王", "王", "wang"), ("李", "李", "li"), ("张", "張", "zhang"), ("刘", "劉", "liu"), ("陈", "陳", "chen"),
    ("杨", "楊", "yang"), ("黄", "黃", "huang"), ("赵", "趙", "zhao"), ("吴", "吳", "wu"), ("周", "周", "zhou"),
    ("徐", "徐", "xu"), ("孙", "孫", "sun"), ("马", "馬", "ma"), ("朱", "朱", "zhu"), ("胡", "胡", "hu"),
    ("林", "林", "lin"), ("郭", "郭", "guo"), ("何", "何", "he"), ("高", "高", "gao"), ("罗", "羅", "luo"),
    ("郑", "鄭", "zheng"), ("梁", "梁", "liang"), ("谢", "謝", "xie"), ("宋", "宋", "song"), ("许", "許", "xu"),
    ("蔡", "蔡", "cai"), ("欧阳", "歐陽", "ouyang"), ("司马", "司馬", "sima"),
)  # fmt: skip
"""Simplified, Traditional, romanised."""
GIVEN_SIMPLIFIED = tuple(
    "伟芳娜敏静丽强磊洋艳勇军杰涛明超兰霞平刚桂华建文辉力宇浩凯雨晨欣怡佳子涵梓轩思远志国晓东红"
)
GIVEN_TRADITIONAL = tuple(
    "偉芳娜敏靜麗強磊洋豔勇軍傑濤明超蘭霞平剛桂華建文輝力宇浩凱雨晨欣怡佳子涵梓軒思遠志國曉東紅"
)
FIRST_NAMES = (
    "Alice", "Ben", "Carla", "Daniel", "Emma", "Frank", "Grace", "Henry", "Ines", "Jack", "Kate", "Liam", "Maria",
    "Noah", "Olivia", "Paul", "Quinn", "Rosa", "Sam", "Tara", "Umar", "Vera", "Will", "Xenia", "Yusuf", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Archer", "Brown", "Carter", "Davies", "Evans", "Foster", "Green", "Hughes", "Irving", "Jones", "King", "Lopez",
    "Morgan", "Novak", "O'Neill", "Patel", "Quill", "Reed", "Singh", "Turner", "Underwood", "Vance", "Wright",
)  # fmt: skip
PLACES = (("海城", "海城", "Haicheng"), ("江南", "江南", "Riverside"), ("北山", "北山", "Northhill"),
          ("东港", "東港", "Eastport"), ("云岭", "雲嶺", "Cloudridge"), ("长湖", "長湖", "Longlake"))  # fmt: skip
WORDS = (("华信", "華信", "Harbour"), ("瑞达", "瑞達", "Beacon"), ("同心", "同心", "Concord"),
         ("远航", "遠航", "Voyage"), ("安和", "安和", "Haven"), ("天合", "天合", "Summit"),
         ("明德", "明德", "Bright"))  # fmt: skip
TRADES = (("医院", "醫院", "Hospital"), ("物流有限公司", "物流股份有限公司", "Logistics Ltd"),
          ("科技有限公司", "科技股份有限公司", "Technology Ltd"), ("贸易有限公司", "貿易有限公司", "Trading Ltd"),
          ("学校", "學校", "School"), ("酒店", "飯店", "Hotel"))  # fmt: skip
OWNERS = ("陈静", "王磊", "林怡君", "Emma Reed", "周敏", "郭建宏", "Daniel Hughes", "赵宇")


def people(customers: Customers, block: int, seed: int) -> tuple[Texts, Texts, Texts]:
    """Names, e-mail addresses and phone numbers, each of shape (n,).

    The addresses end in the reserved `.example`, the numbers begin with prefixes that no network has.
    """
    rng = stream(seed, block, "names")
    n = customers.n
    surname, one, two = (rng.integers(0, size, n) for size in (len(SURNAMES), len(GIVEN_SIMPLIFIED), 0x7FFF))
    second = np.where(two % 4 == 0, len(GIVEN_SIMPLIFIED), two % len(GIVEN_SIMPLIFIED))
    first, last = rng.integers(0, len(FIRST_NAMES), n), rng.integers(0, len(LAST_NAMES), n)
    names, emails = np.empty(n, dtype=object), np.empty(n, dtype=object)
    number = customers.number.astype(str).astype(object)
    for code, (script, given) in enumerate(((0, GIVEN_SIMPLIFIED), (1, GIVEN_TRADITIONAL))):
        rows = np.flatnonzero(customers.language == code)
        family = np.array([entry[script] for entry in SURNAMES], dtype=object)
        letters = np.array([*given, ""], dtype=object)
        names[rows] = family[surname[rows]] + letters[one[rows]] + letters[second[rows]]
        romanised = np.array([entry[2] for entry in SURNAMES], dtype=object)
        emails[rows] = romanised[surname[rows]] + number[rows] + ("@mail.example", "@post.example")[code]
    rows = np.flatnonzero(customers.language == 2)
    names[rows] = named(FIRST_NAMES, first[rows]) + " " + named(LAST_NAMES, last[rows])
    lower = [name.lower() for name in FIRST_NAMES]
    emails[rows] = named(lower, first[rows]) + "." + number[rows] + "@web.example"
    digits = np.char.zfill((customers.number * 7919 % 100_000_000).astype(str), 8).astype(object)
    prefix = np.array(["100", "0000-", "+000 "], dtype=object)[customers.language]
    return names, emails, prefix + digits


def account_name(account: int, script: int) -> str:
    """A company name that belongs to the account number, in Simplified (0), Traditional (1) or English (2).

    >>> account_name(5, 2), account_name(5, 0)
    ('Longlake Summit Hospital 5', '长湖天合医院5')
    """
    place, word = PLACES[account % 6][script], WORDS[account * 7 // 6 % 7][script]
    trade = TRADES[account // 6 % 6][script]
    return f"{place} {word} {trade} {account}" if script == 2 else f"{place}{word}{trade}{account}"
