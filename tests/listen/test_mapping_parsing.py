"""The mapping file: what it may say, and that every mistake in it is reported at once."""

from __future__ import annotations

import pytest

from harken.listen.mapping.model import DEFAULT_BLANK, AccountsPart, Field, OutcomePart, SignalPart, SnapshotPart
from harken.listen.mapping.parsing import parse
from harken.vocabulary.errors import SettingsError

FULL = """
[mapping]
version = 1
source = "shop"
id_space = "crm"
time_zone = "Asia/Shanghai"
currency = "CNY"
blank = ["", "n/a"]

[[file]]
name = "surveys*.csv"
sheet = "2017"
encoding = "gb18030"
delimiter = "tab"
header_rows = 2
decimal = ","
person = "customer_id"
time = ["day", "clock"]
time_format = "%d.%m.%Y %H:%M"
skip = { status = ["test", 0] }
[[file.join]]
file = "orders.csv"
on = { order_id = "id" }
columns = { buyer = "customer_id" }
[file.people]
name = "Name"
joined = "Since"
account = "company_id"
[[file.answers]]
score = "Q1"
scale = "nps_0_10"
programme = "relationship"
question = "recommend"
weight = "W"
comment = "Why"
native_id = "response_id"
blank = ["11"]
not_applicable = [6]
codes = { "Very satisfied" = 5 }
[[file.answers]]
scale = "rating_1_5"
scores = { art = "art", food = "restaurants" }
[[file.contacts]]
channel = "=phone"
wait = "wait_minutes"
wait_unit = "minutes"
[[file.orders]]
amount = { price = "Price", times = "Quantity" }
wait = { from = "bought_at", to = "delivered_at" }
[[file.signals]]
kind = "visit"
[[file.outcomes]]
outcome = "churn"
value = "Churned"
true = ["Yes", 1]
false = [false]
[file.snapshot]
as_of = "month_end"
columns = "*"
except = ["Latitude"]
families = { "Monthly Charge" = "price" }
types = { "Zip Code" = "category" }
levers = ["Monthly Charge"]
value = "CLTV"
value_period = "month"

[[file]]
name = "companies.csv"
[file.accounts]
account = "no"
name = "name"

[[rate]]
currency = "EUR"
date = 2025-01-01
rate = 7.8
"""


def test_everything_a_mapping_may_say_is_read():
    mapping = parse(FULL)
    assert (mapping.source, mapping.id_space, mapping.blank) == ("shop", "crm", ("", "n/a"))
    file = mapping.files[0]
    assert (file.encoding, file.delimiter, file.header_rows, file.decimal) == ("gb18030", "\t", 2, ",")
    assert file.filters[0].values == ("test", "0")
    assert not file.filters[0].keep
    assert file.joins[0].columns == (("buyer", "customer_id"),)
    nps = next(part for part in file.parts if isinstance(part, SignalPart))
    assert nps.score is not None
    assert (nps.score.blank, nps.score.not_applicable) == (("11",), ("6",))
    assert nps.text("question") == Field.constant_of("recommend")
    assert nps.who.time == Field(("day", "clock"))
    assert nps.who.time_format == ("%d.%m.%Y %H:%M",)
    outcome = next(part for part in file.parts if isinstance(part, OutcomePart))
    assert (outcome.true, outcome.false) == (("Yes", "1"), ("false",))
    snapshot = next(part for part in file.parts if isinstance(part, SnapshotPart))
    assert (snapshot.columns, snapshot.without, snapshot.value_period) == (None, ("Latitude",), "month")
    assert isinstance(mapping.files[1].parts[0], AccountsPart)
    assert mapping.rates[0].rate == 7.8


def test_scores_make_one_part_per_column_and_only_the_first_has_the_comment():
    mapping = parse(
        '[mapping]\nsource = "s"\n[[file]]\nname = "a.csv"\nperson = "p"\n[[file.answers]]\nscale = "rating_1_5"\n'
        'comment = "why"\nscores = ["Q1 a", "Q2"]\n'
    )
    first, second = mapping.files[0].parts
    assert isinstance(first, SignalPart)
    assert isinstance(second, SignalPart)
    assert first.text("question") == Field.constant_of("q1_a")
    assert first.text("comment") == Field(("why",))
    assert second.text("comment") is None
    assert second.score is not None
    assert second.score.field == Field(("Q2",))


def test_defaults():
    mapping = parse('[mapping]\nsource = "s"\n[[file]]\nname = "a.csv"\nperson = "p"\n[file.people]\n')
    assert mapping.id_space == "s"
    assert mapping.blank == DEFAULT_BLANK
    assert mapping.files[0].decimal == "."


def test_a_scale_of_ones_own_gets_bands_from_its_quarters():
    mapping = parse(
        '[mapping]\nsource = "s"\n[[file]]\nname = "a.csv"\nperson = "p"\n[[file.answers]]\nscore = "q"\n'
        'scale = { id = "effort_0_100", minimum = 0, maximum = 100, high_is_good = false }\n'
    )
    part = mapping.files[0].parts[0]
    assert isinstance(part, SignalPart)
    assert part.score is not None
    scale = part.score.scale
    assert (scale.favourable_from, scale.unfavourable_from) == (25, 75)
    assert scale.band(10) == 1


def test_every_mistake_is_reported_at_once():
    text = """
[mapping]
source = "My Shop"
time_zone = "Mars/Base"
currency = "yuan"
colour = "red"
[[file]]
name = "a.csv"
encodng = "utf-8"
delimiter = ";;"
time_format = "dd.mm"
[[file.answers]]
score = "q"
scale = "nps_1_10"
[[file.answers]]
score = 5
scale = "csat_1_5"
codes = { good = 7 }
[[file.contacts]]
wait = "w"
[[file.outcomes]]
value = "v"
true = ["x"]
false = ["x"]
[[file.snapshots]]
columns = "*"
[[rate]]
currency = "EUR"
"""
    with pytest.raises(SettingsError) as caught:
        parse(text, "my.toml")
    said = "\n".join(str(problem) for problem in caught.value.problems)
    for words in (
        "source should be of small letters",
        "no time zone 'Mars/Base'",
        "currency should be three capital letters",
        "colour is not known here",
        "encodng is not known here; did you mean encoding",
        "delimiter should be one character",
        "time_format 'dd.mm' is neither",
        "no scale 'nps_1_10'",
        "score should be a column name",
        "wait needs its unit",
        'needs a name, for example outcome = "churn"',
        "x stands for both true and false",
        "snapshots is not known here; did you mean snapshot",
        "needs currency, date",
    ):
        assert words in said, words
    assert all(problem.file == "my.toml" for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[mapping\n", "not valid TOML"),
        ('[mapping]\nsource = "s"\n', "no [[file]] section"),
        ('[mapping]\nversion = 99\nsource = "s"\n[[file]]\nname = "a"\n', "newer than this Harken knows"),
        (
            '[mapping]\nsource = "s"\n[[file]]\nname = "a"\n[[file.answers]]\nchannel = "c"\n',
            "needs a score, a comment",
        ),
        (
            '[mapping]\nsource = "s"\n[[file]]\nname = "a"\n[file.snapshot]\n'
            '[[file]]\nname = "b"\n[file.snapshot]\n',
            "another snapshot has the source 's'",
        ),
        (
            '[mapping]\nsource = "s"\n[[file]]\nname = "a"\n[[file.answers]]\nscore = "q"\nscale = { id = "x" }\n',
            "needs id, minimum, maximum",
        ),
        (
            '[mapping]\nsource = "s"\n[[file]]\nname = "a"\n[[file.answers]]\nscore = "q"\nscale = "csat_1_5"\n'
            "codes = { good = 7 }\n",
            "is not on the scale from 1",
        ),
    ],
)
def test_what_is_wrong_is_said(text, words):
    with pytest.raises(SettingsError) as caught:
        parse(text)
    assert words in str(caught.value)
