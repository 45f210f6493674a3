"""Corrections of a proposal: followed, said back by the mapping, and law-abiding; nothing said changes nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from harken.listen.mapping.proposal.corrections import COLUMN_ROLES, TABLE_KINDS, Corrections, Wish
from harken.usecases.importing import drafts, propose
from harken.usecases.importing.describing import DraftTable, balance_of, said, tables_of
from harken.usecases.workspaces import create_workspace
from harken.vocabulary.errors import DataError, HarkenError, SettingsError

LINES = "\n".join(f"L{n},O{n // 2},P{n % 7},{n % 90 + 5}.5" for n in range(200))
ORDERS = "\n".join(f"O{n},C{n % 40},2026-03-{n % 28 + 1:02},2026-04-{n % 28 + 1:02}" for n in range(100))
COUNTS = "\n".join(f"C{n},{1 + (n % 10 == 0)}" for n in range(40))
REVIEWS = "\n".join(
    f"R{n},O{n},{n % 5 + 1},2026-04-{n % 28 + 1:02},Muito bom número {n} obrigado" for n in range(100)
)
FILES = {
    "lines.csv": f"line_id,order_id,product_id,price\n{LINES}\n",
    "orders.csv": f"order_id,customer_id,ordered_at,delivered_at\n{ORDERS}\n",
    "counts.csv": f"customer_id,n_orders\n{COUNTS}\n",
    "reviews.csv": f"review_id,order_id,review_score,answered_at,review_comment\n{REVIEWS}\n",
}


@pytest.fixture
def shop(tmp_path: Path) -> tuple[Path, str]:
    """A workspace and its draft of four files of a shop, looked at."""
    root = tmp_path / "company"
    create_workspace(root, company="Shop", time_zone="America/Sao_Paulo", currency="BRL")
    files = [(name, io.BytesIO(text.encode())) for name, text in FILES.items()]
    draft = drafts.receive(root, files, now_us=1)
    drafts.look_at_draft(root, draft)
    return root, draft


def mapping(shop: tuple[Path, str]) -> str:
    found = drafts.open_draft(*shop)
    assert found is not None
    assert found.mapping is not None
    return found.mapping


def shown(shop: tuple[Path, str]) -> dict[str, DraftTable]:
    found = drafts.open_draft(*shop)
    assert found is not None
    return {table.title: table for table in tables_of(found)}


def test_a_draft_proposes_what_the_command_proposes(shop: tuple[Path, str]) -> None:
    root, draft = shop
    paths = sorted((root / "uploads" / draft / "files").iterdir())
    assert mapping(shop) == propose(paths, time_zone="America/Sao_Paulo", currency="BRL").text


def test_scores_deliveries_words_and_repeat_buying_are_understood(shop: tuple[Path, str]) -> None:
    text, tables = mapping(shop), shown(shop)
    assert 'outcome = "bought_again"\ngood = true' in text
    assert (tables["lines.csv"].kind, tables["orders.csv"].kind) == ("orders", "signals"), "orders count once"
    roles = {column.name: column.role for table in tables.values() for column in table.columns}
    assert (roles["delivered_at"], roles["review_comment"], roles["review_score"]) == ("wait", "comment", "score")
    found = drafts.open_draft(*shop)
    assert found is not None
    told = [str(message) for message in balance_of(found)]
    assert "counts.csv: bought_again is true for 4 of 40 customers, 10.0%" in told
    assert "reviews.csv, review_score: 40 of 100 answers are unfavourable, 40.0%" in told


def test_corrections_said_twice_are_said_once(shop: tuple[Path, str]) -> None:
    root, draft = shop
    wishes = Corrections(
        (("lines.csv", "usage"),),
        (
            ("reviews.csv", "review_score", Wish("score", "ces_1_5_hard")),
            ("reviews.csv", "review_comment", Wish("nothing")),
            ("lines.csv", "price", Wish("quantity")),
        ),
    )
    drafts.correct(root, draft, wishes)
    once = mapping(shop)
    drafts.correct(root, draft, wishes)
    assert mapping(shop) == once
    tables = shown(shop)
    assert tables["lines.csv"].kind == "usage"
    score = next(column for column in tables["reviews.csv"].columns if column.name == "review_score")
    assert (score.scale, score.checks) == ("ces_1_5_hard", ()), "what a person said is no guess any more"
    assert "review_comment" not in once.replace("#   review_comment", "")
    drafts.propose_anew(root, draft)
    assert mapping(shop) != once


def test_what_a_page_shows_says_nothing_new(shop: tuple[Path, str]) -> None:
    found = drafts.open_draft(*shop)
    assert found is not None
    assert said(tables_of(found), {}, {}, {}) == Corrections()


def test_every_role_offered_is_taken_or_told_to_be_unmet(shop: tuple[Path, str]) -> None:
    root, draft = shop
    before = mapping(shop)
    for role in COLUMN_ROLES:
        for title, name in (
            ("reviews.csv", "review_score"),
            ("orders.csv", "delivered_at"),
            ("counts.csv", "n_orders"),
        ):
            try:
                drafts.correct(root, draft, Corrections((), ((title, name, Wish(role)),)))
            except HarkenError:
                assert mapping(shop) == before, "a correction that cannot be followed changes nothing"
                continue
            column = next(one for one in shown(shop)[title].columns if one.name == name)
            assert column.role == role or column.unmet or role in ("fact", "nothing"), (title, name, role)
            drafts.propose_anew(root, draft)
            assert mapping(shop) == before


def test_every_kind_can_be_given_to_a_table(shop: tuple[Path, str]) -> None:
    root, draft = shop
    for kind in TABLE_KINDS:
        try:
            drafts.correct(root, draft, Corrections((("orders.csv", kind),)))
        except (DataError, SettingsError):
            continue
        assert shown(shop)["orders.csv"].kind in (kind, "signals", "lookup"), kind
    found = drafts.open_draft(root, draft)
    assert found is not None
    tables = tables_of(found)
    with pytest.raises(DataError, match="does not fit"):
        said(tables, {0: "treasure"}, {}, {})
