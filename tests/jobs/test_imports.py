"""Uploaded files: kept as a draft, looked at, previewed, imported, told in words, and gone afterwards."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

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
    from harken.usecases.importing.drafts import receive

    named = [(name.replace("_", "."), io.BytesIO(text.encode())) for name, text in files.items()]
    return receive(root, named, now_us=NOW_US)


def done(root: Path, draft: str, *steps: str, language: str = "en") -> Any:
    """The state after these steps were asked for and worked off, one after the other."""
    from harken.jobs.imports import latest_import, start
    from harken.jobs.worker import work

    for step in steps:
        assert start(root, draft, step, language=language)
        work(root, until_empty=True)
    return latest_import(root)


def test_a_draft_is_looked_at_previewed_and_imported_and_its_files_are_gone(records_root: Path) -> None:
    from harken.jobs.imports import latest_import, start
    from harken.usecases.encoding import decode
    from harken.usecases.importing.drafts import open_draft
    from harken.usecases.importing.uploads import UPLOADS

    assert latest_import(records_root) is None
    draft = received(records_root, answers_csv=CSV, survey_toml=MAPPING)
    assert start(records_root, draft, "look")
    assert not start(records_root, draft, "import"), "one at a time"
    state = latest_import(records_root)
    assert state is not None
    assert (state.status, state.arguments[1:3]) == ("waiting", (draft, "look"))
    from harken.jobs.worker import work

    work(records_root, until_empty=True)
    done(records_root, draft, "preview")
    found = open_draft(records_root, draft)
    assert found is not None
    assert found.preview is not None
    assert [(part.rows, part.good, part.rejected) for part in found.preview.parts] == [(60, 59, 1)]
    state = done(records_root, draft, "import", language="zh-hant")
    assert (state.status, state.problem) == ("done", None)
    assert (state.answer["source"], state.answer["rows"], state.answer["rejected"]) == ("survey", 60, 1)
    assert any("NPS" in str(scale) for scale in decode(state.answer["scales"]))
    assert list((records_root / UPLOADS).iterdir()) == []
    assert (records_root / "mappings" / state.answer["mapping"]).read_text(encoding="utf-8") == MAPPING
    rejected = next((records_root / "rejected").rglob("*.csv")).read_text(encoding="utf-8-sig")
    assert "C60" in rejected
    assert "無法辨識" in rejected, "problems are told in the language of who imported"


def test_what_cannot_be_imported_is_explained_and_the_draft_stays(records_root: Path) -> None:
    from harken.usecases.importing.drafts import open_draft

    wrong = MAPPING.replace('person = "customer"', 'person = "kunde"')
    draft = received(records_root, answers_csv=CSV, survey_toml=wrong)
    state = done(records_root, draft, "look", "preview")
    assert state.status == "failed"
    assert any("kunde" in str(place) for place in state.places)
    found = open_draft(records_root, draft)
    assert found is not None
    assert len(found.files) == 2


def test_names_of_uploads_stay_in_their_folder(workspace_root: Path) -> None:
    from harken.usecases.importing.drafts import drop_draft, list_drafts, open_draft, receive
    from harken.usecases.importing.uploads import UPLOADS

    names = ["../../secret_key", "..\\..\\harken.toml", ".hidden", "/etc/passwd", "data/answers.csv"]
    draft = receive(workspace_root, [(name, io.BytesIO(b"x")) for name in names], now_us=NOW_US)
    kept = {path.name for path in (workspace_root / UPLOADS / draft / "files").iterdir()}
    assert kept == {"secret_key", "harken.toml", "hidden", "passwd", "answers.csv"}
    with pytest.raises(DataError, match="same name"):
        receive(workspace_root, [("a/x.csv", io.BytesIO(b"1")), ("b/x.csv", io.BytesIO(b"2"))], now_us=NOW_US)
    assert [found.id for found in list_drafts(workspace_root)] == [draft], "nothing is left of the refused one"
    for strange in ("..", "../lake", "", draft.upper() + "x"):
        assert open_draft(workspace_root, strange) is None
        drop_draft(workspace_root, strange)
    assert (workspace_root / "harken.toml").exists()
    drop_draft(workspace_root, draft)
    assert list_drafts(workspace_root) == ()


def test_a_worker_that_dies_loses_no_draft(records_root: Path) -> None:
    from django_tasks_db.models import DBTaskResult

    from harken.jobs.imports import start

    draft = received(records_root, answers_csv=CSV)
    start(records_root, draft, "look")
    DBTaskResult.objects.get().claim("a worker that died")
    from harken.jobs.worker import work

    work(records_root, until_empty=True)
    state = done(records_root, draft, "look", "preview", "import")
    assert (state.status, state.answer["rows"]) == ("done", 60)


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
