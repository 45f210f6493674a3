"""Replications: every published number is reached or its difference explained; the page is fresh."""

from __future__ import annotations

import pytest
from docs.replications.page import PAGE, STUDIES, sections
from docs.replications.study import NotHere, Number, Study


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.title[:40])
def test_a_published_result_is_reached_and_the_page_is_fresh(study: Study) -> None:
    try:
        numbers = study.numbers()
    except NotHere as reason:
        pytest.skip(str(reason))
    assert numbers
    assert not [number.name for number in numbers if not number.agrees and not number.why]
    assert sections(PAGE.read_text(encoding="utf-8"))[study.title] == study.section(), "run `make docs`"


def test_the_page_has_every_study_and_no_other() -> None:
    assert list(sections(PAGE.read_text(encoding="utf-8"))) == [study.title for study in STUDIES]
    assert len(STUDIES) >= 8


def test_a_number_that_is_off_is_noticed() -> None:
    assert Number("R2", "0.71", 0.7068).agrees
    assert not Number("R2", "0.7068", 0.7051).agrees
    assert "differs" in Number("R2", "0.7068", 0.7051).verdict
