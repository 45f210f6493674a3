"""The words of the reference of mapping files: one sentence for each section and key, and a mapping that uses all."""

from __future__ import annotations

INTRO = """\
A mapping says what the columns of your files mean. `harken propose` writes one for you to look over; this page lists
everything it may hold. A mapping is TOML in UTF-8. A key that is not known is an error that names the nearest one that is.

A **column** is named as in the file. A list of columns is joined with a blank between (`["day", "clock"]`); in such a
list, and instead of a column, a text that starts with `=` stands for itself (`"=phone"`).

This mapping uses every section:"""

EXAMPLE = """
[mapping]
source = "shop"                      # your name for where this comes from
id_space = "crm"                     # whose customer numbers these are
time_zone = "Asia/Taipei"
currency = "TWD"
blank = ["NA", "-"]

[[rate]]
currency = "USD"
date = 2026-01-01
rate = 32.5

[[file]]
name = "survey_*.csv"
encoding = "big5"
delimiter = ";"
decimal = ","
header_rows = 1
person = "customer"
time = ["day", "clock"]
time_format = "%Y-%m-%d %H:%M"
time_zone = "Asia/Taipei"
skip = { status = ["test"] }
[[file.join]]
file = "customers.csv"
on = { customer = "number" }
columns = { segment = "segment" }
[[file.answers]]
programme = "relationship"
question = "recommend"
score = "Q1"
scale = "nps_0_10"
codes = { never = 0 }
blank = ["", "99"]
not_applicable = ["n/a"]
comment = "Q1_why"
weight = "weight"
[[file.answers]]
programme = { column = "wave" }
scores = { Q2 = "staff", Q3 = "price" }
scale = { id = "smile", label = "Smiles, 1-3", minimum = 1, maximum = 3, high_is_good = true, favourable_from = 3, unfavourable_from = 1, headline = "net" }

[[file]]
name = "tickets.xlsx"
sheet = "2026"
person = "customer"
account = "company"
time = "opened"
[[file.contacts]]
native_id = "ticket"
channel = "=phone"
touchpoint = "desk"
issue = "reason"
agent = "agent"
wait = "waited"
wait_unit = "minutes"
duration = { from = "answered", to = "closed" }
properties = ["priority"]
only = { kind = ["complaint", "question"] }
[[file.signals]]
kind = "visit"
quantity = "pages"

[[file]]
name = "orders.csv"
person = "customer"
time = "bought"
[[file.orders]]
amount = { price = "unit_price", times = "items" }
currency = "currency"

[[file]]
name = "customers.csv"
person = "number"
[[file.people]]
name = "name"
email = "email"
phone = "phone"
language = "language"
role = "role"
joined = "since"
left = "until"
[[file.accounts]]
account = "company"
name = "company_name"
parent = "group"
owner = "manager"
value = "contract"
value_period = "month"
renewal = "renews"
[[file.outcomes]]
outcome = "churn"
value = "gone"
true = ["yes"]
false = ["no"]
good = false
[[file.snapshot]]
source = "crm"
as_of = "exported"
columns = ["*"]
except = ["password"]
families = { fee = "price" }
types = { postcode = "category" }
levers = ["fee"]
value = "fee"
value_period = "month"
"""

SECTIONS: dict[str, tuple[str, str]] = {
    "[mapping]": ("[mapping]", "The head of the file: where the data come from."),
    "[[rate]]": ("[[rate]]", "What one unit of another currency is worth in yours, from a day on."),
    "[[file]]": (
        "[[file]]",
        "One file, or all files whose names fit. What stands here holds for all its sections, unless a section says "
        "otherwise: `person`, `account`, `time`, `time_format`, `time_zone`, `only`, `skip`.",
    ),
    "[[file.join]]": ("[[file.join]]", "Columns of another file brought to each row."),
    "[[file.signals]]": (
        "[[file.answers]], [[file.contacts]], [[file.orders]], [[file.usage]], [[file.behaviour]], [[file.signals]]",
        "What customers say and do: each row becomes a signal. Answers hold scores or comments; `[[file.signals]]` takes "
        "any other kind.",
    ),
    "[[file.signals]] scale": ("scale = { … }", "A scale of your own, in place of the name of a known one."),
    "[[file.signals]] amount": ("amount = { … }", "An amount that is a product, such as price by quantity."),
    "[[file.signals]] duration": (
        "wait = { … }, duration = { … }",
        "A stretch of time from one column to another.",
    ),
    "[[file.signals]] programme": (
        "programme = { … }, question = { … }",
        "A programme or question that a column names on each row.",
    ),
    "[[file.people]]": ("[[file.people]]", "The customer list: every person in it counts in the whole base."),
    "[[file.accounts]]": ("[[file.accounts]]", "A list of companies (accounts)."),
    "[[file.outcomes]]": (
        "[[file.outcomes]]",
        "What happened in the end, such as leaving. Without `value` every row says that it happened.",
    ),
    "[[file.snapshot]]": (
        "[[file.snapshot]]",
        "A wide table of facts about each customer; its columns become candidates for why customers stay or leave.",
    ),
}

_WHO = {
    "person": 'Whose row it is: the customer\'s number. `"#row"` makes every row another person.',
    "account": "The company that the customer belongs to.",
    "time": "When it happened.",
    "time_format": "How times are written: a pattern such as `%d.%m.%Y`, or `iso`, `dmy`, `mdy`, `excel`, `epoch_s`, "
    "`epoch_ms`, `epoch_us`; several are tried in turn. Default: found from the column.",
    "time_zone": "Zone of times that carry none. Default: that of the mapping, then the company's.",
    "only": "Use only rows in which these columns hold one of these values.",
    "skip": "Leave out rows in which these columns hold one of these values.",
}

_IN: dict[str, dict[str, str]] = {
    "[mapping]": {
        "version": "Version of this format.",
        "source": "Name of the source: small letters, digits and `_`. The same rows from the same source are one row.",
        "id_space": "Whose customer numbers these are: sources with one `id_space` speak of the same people. Default: the "
        "source.",
        "currency": "Currency of amounts that name none. Default: the reporting currency.",
        "blank": "Texts that mean that nothing stands here. Default: empty, `NA`, `N/A`, `NULL` and their like.",
        "time_zone": "Zone of times that carry none. Default: the company's.",
    },
    "[[rate]]": {
        "currency": "Three capital letters.",
        "date": "The first day the rate holds.",
        "rate": "Units of your currency for one of this.",
    },
    "[[file]]": {
        "name": "Name of the file; `*` stands for any letters.",
        "sheet": "The sheet of a workbook. Default: all its sheets.",
        "encoding": "Such as `utf-8`, `gb18030`, `big5`. Default: found from the bytes.",
        "delimiter": 'The character between columns, or `"tab"`. Default: found.',
        "header_rows": "How many rows hold the names of the columns. Default: found.",
        "decimal": "What stands before the decimals of numbers.",
        **_WHO,
    },
    "[[file.join]]": {
        "file": "The other file.",
        "on": "Which column here equals which column there; there each value stands once.",
        "columns": "New name here = column there.",
    },
    "[[file.signals]]": {
        "kind": "The kind of signal, of `[[file.signals]]` only.",
        "programme": "Name of the survey programme.",
        "question": "Name of the question.",
        "score": "The answer.",
        "scores": "Several columns on one scale, in place of `score` and `question`: a list, or column = question.",
        "scale": "A known scale (below), or a table that describes one. Every score needs it.",
        "codes": "Words that stand for numbers.",
        "not_applicable": "Texts of those whom the question does not concern.",
        "blank": "Texts that are no answer.",
        "comment": "What the customer wrote.",
        "native_id": "The source's own number of the row; it tells rows apart that are alike.",
        "channel": "Such as phone or shop.",
        "touchpoint": "Where on the journey.",
        "issue": "About what.",
        "agent": "Who served the customer.",
        "currency": "Currency of the amount.",
        "quantity": "How many.",
        "amount": "How much money; may be a table, see below.",
        "weight": "Weight of the answer in the survey.",
        "wait": "How long the customer waited: a number with `wait_unit`, or a table, see below.",
        "wait_unit": "Unit of `wait`; `clock` is text such as 1:02:03.",
        "duration": "How long it took, likewise.",
        "duration_unit": "Unit of `duration`.",
        "properties": "Further columns to keep with the signal.",
        **_WHO,
    },
    "[[file.signals]] scale": {
        "id": "Name of the scale.",
        "label": "What people read.",
        "minimum": "The smallest answer.",
        "maximum": "The largest answer.",
        "high_is_good": "`true` where higher is better.",
        "favourable_from": "From here on an answer is favourable. Default: the best quarter of the range.",
        "unfavourable_from": "From here on an answer is unfavourable. Default: the worst quarter of the range.",
        "headline": "The number shown: net (favourable minus unfavourable), share of favourable, or mean.",
    },
    "[[file.signals]] amount": {"price": "Money for one.", "times": "How many."},
    "[[file.signals]] duration": {"from": "When it began.", "to": "When it ended."},
    "[[file.signals]] programme": {"column": "The column that holds the name."},
    "[[file.people]]": {
        "name": "The customer's name.",
        "email": "E-mail address.",
        "phone": "Telephone number.",
        "language": "Preferred language.",
        "role": "Role in the account, such as decision maker.",
        "joined": "Since when a customer.",
        "left": "Until when; empty for those who are still there.",
        **_WHO,
    },
    "[[file.accounts]]": {
        "name": "The company's name.",
        "parent": "The company above it.",
        "owner": "Its account manager.",
        "value": "Money it brings.",
        "value_period": "Whether that is a year's or a month's.",
        "renewal": "When its contract renews.",
        **_WHO,
    },
    "[[file.outcomes]]": {
        "outcome": "Name of what happened, such as churn.",
        "value": "A column that says whether it happened.",
        "true": "Words of it for yes.",
        "false": "Words of it for no.",
        "good": "`true` where it is wanted, such as a renewal.",
        **_WHO,
    },
    "[[file.snapshot]]": {
        "source": "Name of the snapshot, where a mapping has several.",
        "as_of": "When the facts were true. Default: they are undated.",
        "columns": 'The columns to take. Default, or `"*"`: all that nothing else uses.',
        "except": "Columns to leave out.",
        "families": "The driver family of a column.",
        "types": "The type of a column: `number`, `category`, `time` or `ignored`. Default: found.",
        "levers": "Columns that the company can change.",
        "value": "The column with the money a customer brings.",
        "value_period": "Whether that is a year's or a month's.",
        **_WHO,
    },
}

KEYS: dict[tuple[str, str], str] = {
    (section, key): words for section, keys in _IN.items() for key, words in keys.items()
}
