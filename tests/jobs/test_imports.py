"""Uploaded files: kept for the worker, imported, told in words, and gone afterwards."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from harken.vocabulary.errors import DataError

CSV = (
    "customer,score,day\n"
    + "\n".join(f"C{n},{n % 11},2026-05-{n % 28 + 1:02}" for n in range(1, 60))
    + "\nC60,12,soon\n"
)
NOW_US = 1_800_000_000_000_000
MAPPING = """
[mapping]
version = 1
source = "survey"
[[file]]
name = "*.csv"
person = "customer"
time = "day"
[[file.answers]]
score = "score"
scale = "nps_0_10"
programme = "relationship"
question = "recommend"
"""


def received(root: Path, **files: str) -> str:
    from harken.jobs.imports import receive

    return receive(root, [(name.replace("_", "."), io.BytesIO(text.encode())) for name, text in files.items()])


def test_an_upload_is_imported_and_its_files_are_gone(records_root: Path) -> None:
    from harken.jobs.imports import UPLOADS, latest_import, start_import
    from harken.jobs.worker import work
    from harken.usecases.encoding import decode

    assert latest_import(records_root) is None
    start_import(records_root, received(records_root, answers_csv=CSV, survey_toml=MAPPING), language="zh-hant")
    state = latest_import(records_root)
    assert state is not None
    assert state.status == "waiting"
    work(records_root, until_empty=True)
    state = latest_import(records_root)
    assert state is not None
    assert (state.status, state.problem) == ("done", None)
    assert (state.answer["source"], state.answer["rows"], state.answer["rejected"]) == ("survey", 60, 1)
    assert any("NPS" in str(scale) for scale in decode(state.answer["scales"]))
    assert list((records_root / UPLOADS).iterdir()) == []
    rejected = next((records_root / "rejected").rglob("*.csv")).read_text(encoding="utf-8-sig")
    assert "C60" in rejected
    assert "無法辨識" in rejected, "problems are told in the language of who uploaded"


def test_what_cannot_be_imported_is_explained(records_root: Path) -> None:
    from harken.jobs.imports import UPLOADS, latest_import, start_import
    from harken.jobs.worker import work

    wrong = MAPPING.replace('person = "customer"', 'person = "kunde"')
    start_import(records_root, received(records_root, answers_csv=CSV, survey_toml=wrong))
    work(records_root, until_empty=True)
    state = latest_import(records_root)
    assert state is not None
    assert state.status == "failed"
    assert any("kunde" in str(place) for place in state.places)
    assert list((records_root / UPLOADS).iterdir()) == []


def test_names_of_uploads_stay_in_their_folder(workspace_root: Path) -> None:
    from harken.jobs.imports import UPLOADS, receive

    names = ["../../secret_key", "..\\..\\harken.toml", ".hidden", "/etc/passwd", "data/answers.csv"]
    upload = receive(workspace_root, [(name, io.BytesIO(b"x")) for name in names])
    kept = {path.name for path in (workspace_root / UPLOADS / upload).iterdir()}
    assert kept == {"secret_key", "harken.toml", "hidden", "passwd", "answers.csv"}
    with pytest.raises(DataError, match="same name"):
        receive(workspace_root, [("a/x.csv", io.BytesIO(b"1")), ("b/x.csv", io.BytesIO(b"2"))])
    assert len(list((workspace_root / UPLOADS).iterdir())) == 1


def test_an_import_stopped_at_its_last_step_stores_nothing(records_root: Path) -> None:
    from harken.lake.log import Lake
    from harken.usecases.importing import import_files
    from harken.vocabulary.messages import Message
    from harken.vocabulary.progress import Cancelled

    files = records_root / "answers.csv", records_root / "survey.toml"
    files[0].write_text(CSV)
    files[1].write_text(MAPPING)
    steps: list[float] = []

    def stop_at_the_end(step: Message, done: float) -> None:
        steps.append(done)
        if done >= 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        import_files(records_root, [files[0]], files[1], now_us=NOW_US, time_zone="UTC", progress=stop_at_the_end)
    assert len(steps) > 3
    assert Lake(records_root / "lake").imports() == ()
    assert list((records_root / "rejected").iterdir()) == []
    report = import_files(records_root, [files[0]], files[1], now_us=NOW_US, time_zone="UTC")
    assert report.import_id is not None, "the lock was given back"
