"""Test with my file: answers kept back are matched, told apart and compared."""

import numpy as np
import pytest

import score_stories
from harken.usecases.held_back import check_answers, read_answers
from harken.vocabulary.errors import DataError, NotEnoughData
from harken.vocabulary.scales import SCALES

NPS = SCALES["nps_0_10"]


@pytest.fixture
def company(kept_back_company):
    """A run over 2,000 loaded answers, and the answers kept back."""
    return kept_back_company[1:]


def test_a_thousand_answers_kept_back_are_foreseen(company, tmp_path):
    run, kept = company
    taken = [row["number"] for row in run.customers().to_pylist() if row["answered"]][:2]
    more = [("C99999", "9"), ("C77777", "3"), (taken[0], "9"), (taken[1], "2"), ("", "5"), (kept[0][0], "11")]
    more += [(kept[1][0], kept[1][1])]
    found = check_answers(run, score_stories.write_kept_back(tmp_path / "back.csv", kept, *more))
    assert (found.customer_column, found.score_column) == ("Customer ID", "NPS score")
    assert found.rows == len(kept) + 7
    assert (found.unmatched, found.unmatched_numbers) == (2, ("C99999", "C77777"))
    assert (found.known, found.blank, found.off_scale, found.repeated) == (2, 1, 1, 1)
    assert found.checked == found.check.answers == len(kept)
    assert found.rows == found.checked + 7
    assert any("data already" in str(note) for note in found.notes)
    assert found.check.passed, found.check.gap
    assert str(found.headline).startswith("Passed")
    assert abs(found.check.coverage - found.check.coverage_level) < 0.06
    groups = found.check.groups
    assert len(groups) == 10
    assert sum(group.answers for group in groups) == len(kept)
    assert groups[-1].observed.value > groups[0].observed.value + 50


def test_a_wrong_prediction_does_not_pass(company, tmp_path):
    run, kept = company
    worse = np.array([(number, "2" if at % 3 == 0 else score) for at, (number, score) in enumerate(kept)])
    found = check_answers(run, score_stories.write_kept_back(tmp_path / "worse.csv", worse))
    assert not found.check.passed
    assert found.check.gap.value > 0
    assert "lower than predicted" in str(found.headline)


def test_a_segment_flips_when_the_silent_are_counted(company):
    run, _ = company
    rows = next(one for one in run.part("whole_base").segments if one.name == "language").rows
    group = next(row for row in rows if row.label == "zh-hant")
    assert group.answered_only.interval.lower > 0
    assert group.whole_base.interval.upper < 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Customer ID,NPS score\n" + "".join(f"C{n:05},{n % 100 + 20}\n" for n in range(1, 60)), "not between"),
        ("a,b\nx,1\ny,2\n", "not clear which columns"),
        ("Customer ID,first,second\n" + "".join(f"C{n:05},{n % 11},{n % 9}\n" for n in range(60)), "columns"),
    ],
)
def test_what_is_no_file_of_answers_is_refused(company, tmp_path, text, says):
    path = tmp_path / "other.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=says):
        check_answers(company[0], path)


def test_columns_can_be_named_and_excel_is_read(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["Kunde", "first", "second"])
    for number in range(40):
        book.active.append([f"K{number}", number % 11, number % 9])
    book.save(tmp_path / "answers.xlsx")
    read = read_answers(tmp_path / "answers.xlsx", NPS, "Kunde", "second")
    assert read.numbers[:2] == ("K0", "K1")
    assert read.score[:10].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 0]


def test_few_answers_are_no_test(company, tmp_path):
    run, kept = company
    with pytest.raises(NotEnoughData, match="at least 30"):
        check_answers(run, score_stories.write_kept_back(tmp_path / "few.csv", kept[:29]))
