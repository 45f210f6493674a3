"""Data of every unhappy kind, by the real import and analysis: each ends in a sentence, nothing is lost."""

import pytest

from harken.usecases.analyzing.run import analyze
from harken.usecases.importing import import_files
from harken.usecases.runs import NotRun
from harken.usecases.workspaces import create_workspace
from harken.vocabulary.errors import HarkenError

NOW = 1_800_000_000_000_000
HEAD = '[mapping]\nversion = 1\nsource = "s"\n[[file]]\nname = "d.csv"\nperson = "id"\n[file.people]\n'
CHURN = '[[file.outcomes]]\noutcome = "churn"\nvalue = "left"\ntrue = ["yes"]\nfalse = ["no"]\n'
SCORE = '[[file.answers]]\nscore = "nps"\nscale = "nps_0_10"\nprogramme = "=p"\nquestion = "=q"\n'
WIDE = '[file.snapshot]\ncolumns = ["x", "y"]\n'


def analysed(tmp_path, rows, mapping):
    root = tmp_path / "w"
    workspace = create_workspace(root, company="c", time_zone="UTC", currency="EUR")
    (tmp_path / "d.csv").write_text("\n".join(rows) + "\n", "utf-8")
    (tmp_path / "m.toml").write_text(mapping, "utf-8")
    import_files(root, [tmp_path / "d.csv"], tmp_path / "m.toml", now_us=NOW, time_zone="UTC", currency="EUR")
    return analyze(workspace, now_us=NOW)


def reason(run, part):
    result = run.part(part)
    assert isinstance(result, NotRun), part
    return str(result.reason)


def wide(n, left=lambda i: "yes" if i % 5 == 0 else "no", nps=lambda i: i % 11):
    return ["id,left,nps,x,y"] + [f"c{i},{left(i)},{nps(i)},{(i * 7) % 13},{'ab'[i % 2]}" for i in range(n)]


def test_one_customer(tmp_path):
    run = analysed(tmp_path, wide(1), HEAD + CHURN + SCORE + WIDE)
    assert run.info.customers == 1
    assert run.part("scores").summary.headline.counts_only
    for part in ("retention", "drivers", "whole_base"):
        assert reason(run, part)


def test_no_outcome(tmp_path):
    run = analysed(tmp_path, wide(200), HEAD + SCORE + WIDE)
    assert "no outcome" in reason(run, "outcome")
    assert run.part("scores").summary.n == 200


def test_one_class_only(tmp_path):
    run = analysed(tmp_path, wide(300, left=lambda i: "no"), HEAD + CHURN + WIDE)
    assert reason(run, "retention")
    assert reason(run, "drivers")
    assert run.part("outcome").left == 0


def test_five_answers_are_counted_not_scored(tmp_path):
    run = analysed(tmp_path, wide(300, nps=lambda i: i if i < 5 else ""), HEAD + CHURN + SCORE + WIDE)
    summary = run.part("scores").summary
    assert (summary.n, summary.headline.counts_only) == (5, True)
    assert "5" in reason(run, "whole_base")


def test_nobody_is_silent(tmp_path):
    run = analysed(tmp_path, wide(300), HEAD + CHURN + SCORE + WIDE)
    assert "answered" in reason(run, "whole_base")
    assert not isinstance(run.part("retention"), NotRun)


def test_all_customers_look_the_same(tmp_path):
    rows = ["id,left,nps,x,y"] + [f"c{i},{'yes' if i % 4 == 0 else 'no'},{i % 11},1,a" for i in range(400)]
    run = analysed(tmp_path, rows, HEAD + CHURN + SCORE + WIDE)
    assert isinstance(run.part("drivers"), NotRun) or not any(row.shown for row in run.part("drivers").families)


def test_people_and_nothing_else(tmp_path):
    run = analysed(tmp_path, wide(20), HEAD)
    assert run.info.customers == 20
    assert {"scores", "outcome", "retention", "whole_base"} <= set(run.info.not_run)


@pytest.mark.parametrize(
    ("content", "mapping"),
    [
        (b"", HEAD),
        (b"id,left\n", HEAD + CHURN),
        (b"\x00\x01\x02\xff\xfe" * 400, HEAD),
        (b"number,left\nc1,yes\n", HEAD + CHURN),
        (b"id,left\nc1,perhaps\nc2,sometimes\n", HEAD + CHURN),
        (b"id,nps\nc1,99\nc2,-4\n", HEAD + SCORE),
    ],
    ids=["empty", "header only", "junk", "column missing", "unknown words", "impossible scores"],
)
def test_files_that_cannot_be_used_are_refused_in_sentences(tmp_path, content, mapping):
    root = tmp_path / "w"
    create_workspace(root, company="c", time_zone="UTC", currency="EUR")
    (tmp_path / "d.csv").write_bytes(content)
    (tmp_path / "m.toml").write_text(mapping.replace("[file.people]\n", ""), "utf-8")
    with pytest.raises(HarkenError) as caught:
        import_files(root, [tmp_path / "d.csv"], tmp_path / "m.toml", now_us=NOW, time_zone="UTC", currency="EUR")
    assert str(caught.value).strip()
    assert "Traceback" not in str(caught.value)
