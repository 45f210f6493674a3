"""Without a mapping: Harken proposes one that can be imported as it is, in English and in Chinese."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from importing_samples import Company, check_sums

from harken.listen.mapping.parsing import parse
from harken.usecases.importing import propose
from harken.vocabulary.errors import DataError


@pytest.fixture
def company(tmp_path) -> Company:
    (tmp_path / "company").mkdir()
    (tmp_path / "files").mkdir()
    return Company(tmp_path / "company", tmp_path / "files")


def table(header: str, rows: list[list[object]]) -> str:
    return header + "\n" + "\n".join(",".join(str(cell) for cell in row) for row in rows) + "\n"


def telecom(company: Company, encoding: str = "gb18030") -> None:
    """Customers, tickets and a survey of a Chinese company, in its own words and encoding."""
    rng = random.Random(3)
    start = date(2025, 1, 1)
    people = [
        [
            f"K{i:05d}",
            f"姓名{i}",
            rng.choice(["北京", "上海", "广州"]),
            rng.choice(["畅享", "尊享"]),
            round(rng.uniform(20, 200), 2),
            start - timedelta(days=rng.randrange(900)),
            rng.choice(["是", "否", "否"]),
        ]
        for i in range(120)
    ]
    company.write("客户资料.csv", table("客户编号,姓名,地区,套餐,月租费,入网日期,是否流失", people), encoding)
    tickets = [
        [
            f"T{i}",
            rng.choice(people)[0],
            f"{start + timedelta(days=rng.randrange(300))} 09:{i % 60:02d}:00",
            rng.choice(["电话", "在线"]),
            rng.choice(["网络", "账单"]),
            rng.randrange(60),
        ]
        for i in range(400)
    ]
    company.write("投诉工单.csv", table("工单编号,客户编号,创建时间,渠道,问题类型,等待分钟", tickets), encoding)
    starts, ends = (
        ("信号不好", "价格有点贵", "非常满意", "安装师傅态度很好"),
        ("客服找不到人", "服务不错", "会推荐给朋友"),
    )
    answers = [
        [
            f"R{i}",
            rng.choice(people)[0],
            f"{start + timedelta(days=rng.randrange(300))} 10:00:00",
            rng.randrange(11),
            f"{rng.choice(starts)}，等了{i}分钟，{rng.choice(ends)}",
        ]
        for i in range(150)
    ]
    company.write("满意度调查.csv", table("答卷编号,客户编号,提交时间,推荐意愿,原因", answers), encoding)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_a_chinese_folder_needs_no_hand_work(company, encoding):
    telecom(company, encoding)
    report = company.bring(None)
    check_sums(report)
    assert report.rejected == 0
    assert report.proposed
    assert sorted((part.kind, part.added) for part in report.parts) == [
        ("answer", 150),
        ("churn", 120),
        ("contact", 400),
        ("people", 120),
        ("snapshot", 120),
    ]
    mapping = parse(report.mapping_path.read_text(encoding="utf-8"))
    assert mapping.id_space == "customers"
    text = report.mapping_path.read_text(encoding="utf-8")
    for line in (
        'scale = "nps_0_10"   # CHECK',
        'comment = "原因"',
        'wait = "等待分钟"\nwait_unit = "minutes"\n',
        'channel = "渠道"',
        'joined = "入网日期"',
        'true = ["是"]',
        'value = "月租费"',
        'value_period = "month"',
    ):
        assert line in text, line
    assert company.rows("SELECT count(*) FROM people WHERE declared") == [(120,)]


def test_a_mapping_written_earlier_is_used_again_with_what_its_reader_changed(company):
    telecom(company)
    path = company.bring(None).mapping_path
    path.write_text(
        path.read_text(encoding="utf-8").replace('question = "recommend"', 'question = "ltr"'), encoding="utf-8"
    )
    again = company.bring(None)
    assert (again.proposed, again.mapping_path) == (False, path)
    assert company.rows("SELECT DISTINCT question FROM signals WHERE question LIKE 'l%'") == [("ltr",)]
    assert [file.name for file in (company.root / "mappings").iterdir()] == [path.name]


def test_tables_join_by_equal_names_and_values(company):
    rng = random.Random(4)
    company.write(
        "orders.csv",
        table(
            "order_id,customer_id,order_date,amount",
            [[f"o{i}", f"c{i}", datetime(2025, 1, 1) + timedelta(hours=i), i] for i in range(200)],
        ),
    )
    company.write(
        "customers.csv",
        table(
            "customer_id,customer_unique_id,city", [[f"c{i}", f"u{i % 150}", rng.choice("ab")] for i in range(200)]
        ),
    )
    company.write(
        "reviews.csv",
        table(
            "review_id,order_id,review_score,answered_at",
            [[f"r{i}", f"o{i % 200}", i % 5 + 1, f"2025-03-{i % 28 + 1:02d}"] for i in range(180)],
        ),
    )
    company.write("cities.csv", table("city,population", [["a", 5], ["b", 7]]))
    proposal = propose([company.files], time_zone="Asia/Shanghai")
    mapping = parse(proposal.text)
    joins = {file.name: [(join.file, join.on) for join in file.joins] for file in mapping.files}
    assert joins["reviews.csv"] == [
        ("orders.csv", (("order_id", "order_id"),)),
        ("customers.csv", (("customer_id", "customer_id"),)),
    ]
    assert joins["orders.csv"] == [("customers.csv", (("customer_id", "customer_id"),))]
    report = company.bring(None)
    assert report.rejected == 0
    assert company.rows("SELECT count(DISTINCT person_key) FROM signals WHERE kind = 'answer'") == [(150,)]


@pytest.mark.parametrize(
    ("header", "values", "scale", "extra"),
    [
        ("NPS", range(11), "nps_0_10", ""),
        ("netpro", [*range(11), 11], "nps_0_10", 'blank = ["11"]'),
        ("How likely are you to recommend us?", range(11), "nps_0_10", ""),
        ("推荐意愿", range(11), "nps_0_10", ""),
        ("Satisfaction Score", range(1, 6), "csat_1_5", ""),
        ("滿意度", range(1, 6), "csat_1_5", ""),
        ("CES", range(1, 6), "ces_1_5_hard", "the direction is a guess"),
        ("customer effort", range(1, 8), "ces_1_7_easy", "the direction is a guess"),
        ("review_score", range(1, 6), "stars_1_5", ""),
        ("评分", range(1, 6), "stars_1_5", ""),
        ("rating", range(1, 11), "rating_0_10", ""),
        ("satisfied", ["Yes", "No"], "yes_no", "codes = { Yes = 1, No = 0 }"),
        ("满意度", ["非常满意", "满意", "一般", "不满意"], "csat_1_5", "非常满意"),
        ("satisfaction", ["Very satisfied", "Satisfied", "Neutral", "Dissatisfied"], "csat_1_5", "codes"),
        ("satisfaction", ["5 - very good", "4", "3", "2", "1 - bad"], "csat_1_5", ""),
    ],
)
def test_scores_are_found_by_name_and_values_and_the_scale_is_marked(company, header, values, scale, extra):
    values = list(values)
    rows = [[f"C{i}", f"2025-01-{i % 28 + 1:02d}", values[i % len(values)]] for i in range(len(values) * 9)]
    company.write("survey.csv", table(f"customer_id,answered_at,{header}", rows))
    text = propose([company.files], time_zone="UTC").text
    assert f'score = "{header}"\nscale = "{scale}"   # CHECK' in text
    assert extra in text


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Churn Score", range(100)),
        ("credit_rating", range(1, 6)),
        ("star_wars_fan", ["Yes", "No"]),
        ("heart rate", range(50, 99)),
    ],
)
def test_what_is_no_score_is_not_taken_for_one(company, header, values):
    values = list(values)
    rows = [[f"C{i}", values[i % len(values)], i % 2] for i in range(200)]
    company.write("customers.csv", table(f"customer_id,{header},churn", rows))
    assert "[[file.answers]]" not in propose([company.files], time_zone="UTC").text


@pytest.mark.parametrize(
    ("header", "values", "true"),
    [
        ("Churn", ["Yes", "No"], '["Yes"]'),
        ("Exited", [1, 0], '["1"]'),
        ("Attrition_Flag", ["Existing Customer", "Attrited Customer"], '["Attrited Customer"]'),
        ("是否流失", ["是", "否"], '["是"]'),
        ("流失", ["1", "0"], '["1"]'),
        ("left", ["TRUE", "FALSE"], '["TRUE"]'),
    ],
)
def test_outcomes_are_found(company, header, values, true):
    rows = [[f"C{i}", i, values[i % 2]] for i in range(100)]
    company.write("data.csv", table(f"CustomerId,tenure,{header}", rows))
    text = propose([company.files], time_zone="UTC").text
    assert f'[[file.outcomes]]\noutcome = "churn"\nvalue = "{header}"\ntrue = {true}' in text


def test_a_number_for_nobody_blanks_and_waves_of_one_survey(company):
    rows = [[["0", f"c{i}", ""][i % 3], f"2025-01-{i % 28 + 1:02d} 10:00", i % 7] for i in range(90)]
    company.write("calls.csv", table("customer_id,call_date,wait_seconds", rows))
    for year in (2024, 2025):
        answers = [[f"c{i}", f"{year}-05-{i % 28 + 1:02d}", i % 11] for i in range(60)]
        company.write(f"nps_{year}.csv", table("customer_id,answered_at,nps", answers))
    text = propose([company.files], time_zone="UTC").text
    assert 'skip = { customer_id = ["0", ""] }   # CHECK 30 rows have the customer number 0' in text
    assert 'name = "nps_202*.csv"' in text
    report = company.bring(None)
    assert [(part.kind, part.added, part.skipped) for part in report.parts if part.kind == "contact"] == [
        ("contact", 30, 60)
    ]
    assert sum(part.added for part in report.parts if part.kind == "answer") == 120


def test_a_wide_table_without_numbers_and_one_of_words_alone(company):
    company.write("data.csv", table("age,plan,churn", [[20 + i % 50, "ab"[i % 2], i % 2] for i in range(60)]))
    report = company.bring(None)
    assert 'person = "#row"   # CHECK no customer number was found' in report.mapping_path.read_text(
        encoding="utf-8"
    )
    assert sorted((part.kind, part.added) for part in report.parts) == [
        ("churn", 60),
        ("people", 60),
        ("snapshot", 60),
    ]


def test_days_and_months_are_marked_where_both_are_possible(company):
    rows = [[f"c{i}", f"0{i % 9 + 1}/0{i % 7 + 1}/2025", i % 11] for i in range(60)]
    company.write("nps.csv", table("customer_id,date,nps", rows))
    text = propose([company.files], time_zone="UTC").text
    assert "CHECK day first (dmy) or month first (mdy)? both are possible" in text
    assert company.bring(None).rejected == 0


def test_a_folder_with_nothing_to_tell_is_refused(company):
    company.write("a.csv", "x,y\n1,2\n3,4\n")
    company.write("b.csv", "u,v\n1,2\n3,4\n")
    with pytest.raises(DataError, match="no column that says whose rows these are"):
        company.bring(None)


def test_the_proposal_is_said_in_the_readers_words(company):
    company.write("nps.csv", table("customer_id,nps", [[f"c{i}", i % 11] for i in range(60)]))
    text = propose([company.files], say=lambda message: str(message).upper()).text
    assert "# PROPOSED BY HARKEN FROM NAMES AND VALUES" in text
    parse(text)


def numbers(low, high, step=1):
    return [low + step * i for i in range(int((high - low) / step) + 1)]


DAYS = [f"2025-0{i % 9 + 1}-{i % 28 + 1:02d}" for i in range(97)]
TALL = [
    f"{'the service was slow and the room was cold' if i % 2 else 'we liked the staff'} number {i}"
    for i in range(90)
]
UNSEEN = {
    "bank.csv": (
        {
            "RowNumber": None,
            "CustomerId": "15",
            "Surname": ["Hill", "Onio", "Boni"],
            "CreditScore": numbers(400, 800),
            "Geography": ["France", "Spain"],
            "Tenure": numbers(0, 10),
            "Balance": numbers(0, 90000, 937.5),
            "Exited": [1, 0, 0],
        },
        ('person = "CustomerId"', 'outcome = "churn"\nvalue = "Exited"\ntrue = ["1"]'),
    ),
    "cards.csv": (
        {
            "CLIENTNUM": "76",
            "Attrition_Flag": ["Existing Customer", "Attrited Customer"],
            "Customer_Age": numbers(20, 70),
            "Total_Trans_Amt": numbers(500, 9000, 77),
            "Naive_Bayes_Mon_1": numbers(0, 1, 0.013),
        },
        ('person = "CLIENTNUM"', 'true = ["Attrited Customer"]'),
    ),
    "telecom.csv": (
        {
            "Customer ID": "000-",
            "Contract": ["One Year", "Two Year"],
            "Monthly Charge": numbers(10, 99, 0.37),
            "Customer Status": ["Stayed", "Churned", "Joined"],
            "Churn Category": ["", "Price", "Competitor"],
        },
        ('value = "Customer Status"\ntrue = ["Churned"]', 'value = "Monthly Charge"', 'value_period = "month"'),
    ),
    "shop.csv": (
        {
            "CustomerID": "5",
            "Churn": [1, 0],
            "Tenure": numbers(0, 30),
            "SatisfactionScore": numbers(1, 5),
            "Complain": [0, 1],
            "CashbackAmount": numbers(100, 300, 1.7),
        },
        ('score = "SatisfactionScore"\nscale = "csat_1_5"', 'value = "Churn"'),
    ),
    "Reviews.csv": (
        {
            "Id": None,
            "ProductId": ["B1", "B2", "B3"],
            "UserId": [f"A{i}" for i in range(60)],
            "Score": numbers(1, 5),
            "Time": [1303862400 + 86400 * i for i in range(80)],
            "Summary": ["Good", "Bad", "So so"],
            "Text": TALL,
        },
        ('person = "UserId"', 'time = "Time"\ntime_format = "epoch_s"', 'scale = "stars_1_5"', 'comment = "Text"'),
    ),
    "tickets.csv": (
        {
            "Ticket ID": "9",
            "Requester ID": [f"R{i}" for i in range(50)],
            "Created at": DAYS,
            "Channel": ["web", "email"],
            "First response at": [day + " 23:00:00" for day in DAYS],
            "Satisfaction Score": ["Good", "Bad", "Offered", "Unoffered"],
        },
        (
            'person = "Requester ID"',
            "[[file.contacts]]",
            'scale = "yes_no"',
            "codes = { Good = 1, Bad = 0 }",
            'blank = ["Offered", "Unoffered"]',
            'wait = { from = "Created at", to = "First response at" }',
        ),
    ),
    "order 2025.csv": (
        {
            "order no": "o",
            "customer no": [f"k{i}" for i in range(40)],
            "order date": [f"{i % 28 + 1:02d}.{i % 12 + 1:02d}.2025" for i in range(90)],
            "amount": [f'"{1 + i % 3}.{200 + i},{10 + i % 80}"' for i in range(90)],
        },
        ('decimal = ","', 'time_format = "dmy"', '[[file.orders]]\nnative_id = "order no"\namount = "amount"'),
    ),
    "hotel_reviews.csv": (
        {
            "Hotel": ["Alba", "Brio"],
            "Review_Date": DAYS,
            "Reviewer_Score": numbers(2.5, 10, 0.1),
            "Negative_Review": TALL,
        },
        (
            'score = "Reviewer_Score"\nscale = "rating_0_10"',
            'comment = "Negative_Review"',
            'person = "#row"',
        ),
    ),
    "form.csv": (
        {
            "Timestamp": [f"{i % 12 + 1}/{i % 28 + 1}/2025 10:{i % 60:02d}:00" for i in range(180)],
            "Email Address": [f"a{i}@example.com" for i in range(180)],
            "How satisfied are you with our service?": numbers(1, 5),
            "What can we do better?": TALL,
        },
        (
            'person = "Email Address"',
            'score = "How satisfied are you with our service?"\nscale = "csat_1_5"',
            'comment = "What can we do better?"',
        ),
    ),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_files_of_usual_shapes_are_understood(company, name):
    columns, expected = UNSEEN[name]
    rows = []
    for i in range(180):
        cells = []
        for values in columns.values():
            if values is None or isinstance(values, str):
                cells.append(f"{values or ''}{i + 1}")
            else:
                cells.append(str(round(v, 3) if isinstance(v := values[i % len(values)], float) else v))
        rows.append(",".join(cells))
    company.write(name, ",".join(columns) + "\n" + "\n".join(rows) + "\n")
    text = propose([company.files], time_zone="UTC").text
    for line in expected:
        assert line in text, line
    report = company.bring(None)
    check_sums(report)
    assert report.rejected == 0
