"""The search index of all customers against brute force, and what it forgets."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pytest

from harken.lake import customer_search
from harken.lake.customer_index import FOLDER, build_index, index_path
from harken.lake.log import Lake
from harken.unify.searching.words import key
from harken.usecases.importing import undo_import
from harken.vocabulary.errors import Busy

SURNAMES, GIVEN = "李王陳陈张張欧歐", "小明华華国國丽麗一"
LATIN = ("Wang Li", "Müller", "O'Brien", "anna-maria", "Lee", "Lehmann")
SIMPLE = str.maketrans("陳張歐華國麗", "陈张欧华国丽")


def people(count: int, seed: int) -> list[dict[str, object]]:
    """Customers with names in three scripts, numbers with letters and zeros, some with telephones and addresses."""
    rng = random.Random(seed)
    rows: list[dict[str, object]] = []
    for at in range(count):
        name = rng.choice(
            [
                rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=rng.randint(1, 2))),
                rng.choice(LATIN),
                None,
            ]
        )
        number = rng.choice([f"{at}", f"C{at:05}", f"K-{at:03}"])
        rows.append(
            {
                "person_key": rng.getrandbits(40) * 1_000 + at,
                "id_space": "shop",
                "native_key": number,
                "declared": True,
                "name": name,
                "email": rng.choice([None, f"u{at}.x@mail.example"]),
                "phone": rng.choice([None, f"+86 138{at:08}"]),
            }
        )
    return rows


def lake_of(root: Path, rows: list[dict[str, object]]) -> Lake:
    lake = Lake(root / "lake")
    with lake.begin_import(source="shop", files=(), mapping_toml="", now_us=1) as writer:
        schema = pa.schema(
            [
                (name, pa.int64() if name == "person_key" else pa.bool_() if name == "declared" else pa.string())
                for name in rows[0]
            ]
        )
        writer.append("people", pa.Table.from_pylist(rows, schema=schema))
        writer.commit()
    return lake


def by_hand(rows: list[dict[str, object]], typed: str) -> set[int]:
    """Who is found, said in another way: by the texts themselves."""
    wanted = typed.translate(SIMPLE).lower()
    bare = key(wanted)
    found = set()
    for row in rows:
        number, name = str(row["native_key"]).lower(), str(row["name"] or "").translate(SIMPLE).lower()
        digits = "".join(letter for letter in number if letter.isdigit())
        hit = any(form.startswith(bare) for form in (number.replace("-", ""), digits, digits.lstrip("0") or digits))
        if wanted.isdigit():
            hit = hit or digits.lstrip("0") == wanted.lstrip("0") != ""
            phone = str(row["phone"] or "").replace(" ", "").lstrip("+")
            hit = hit or (len(wanted) >= 4 and (phone.startswith(wanted) or phone[2:].startswith(wanted)))
        hit = hit or bare in (key(name), key(str(row["email"] or "")))
        if any(letter > "\u4dff" for letter in wanted):
            hit = hit or wanted in name
        elif wanted.isalpha():
            texts = name.replace("ü", "u").replace("'", " ").replace("-", " ").split()
            texts += str(row["email"] or "").replace("@", " ").replace(".", " ").split()
            hit = hit or any(text.startswith(wanted) for text in texts)
        if hit:
            found.add(int(str(row["person_key"])))
    return found


def everything_found(lake: Lake, typed: str) -> list[int]:
    with customer_search.opened(lake.pin()) as index:
        assert index is not None
        return [row.customer_id for row in customer_search.found(index, typed, 0, 10_000).rows]


def test_the_index_finds_what_brute_force_finds(tmp_path: Path) -> None:
    rows = people(600, seed=1)
    lake = lake_of(tmp_path, rows)
    build_index(lake.pin(), now_us=1)
    rng = random.Random(2)
    typed = ["李", "1", "c0", "wang", "le", "mull", "国", "國", "c00012", "k-1", "0", "13800000001", "1380", "mail"]
    for _ in range(300):
        row = rng.choice(rows)
        name, number = str(row["name"] or ""), str(row["native_key"])
        if name and name[0] > "\u4dff":
            start = rng.randrange(len(name))
            typed.append(name[start : start + rng.randint(1, 3)])
        elif name and " " not in name and name.isalpha():
            typed.append(name[: rng.randint(1, 4)].replace("ü", "u"))
        typed.append(number[: rng.randint(1, len(number))])
        if row["email"]:
            typed.append(str(row["email"]))
    for text in typed:
        if key(text):
            found = everything_found(lake, text)
            assert len(found) == len(set(found)), f"{text!r} finds somebody twice"
            assert set(found) == by_hand(rows, text), repr(text)


def test_exact_hits_come_first_and_nothing_finds_nobody(tmp_path: Path) -> None:
    rows = people(600, seed=4)
    lake = lake_of(tmp_path, rows)
    build_index(lake.pin(), now_us=1)
    for row in rows[::20]:
        assert int(str(row["person_key"])) == everything_found(lake, str(row["native_key"]))[0]
    name = next(str(row["name"]) for row in rows if row["name"] and len(str(row["name"])) == 2)
    same = [at for at, row in enumerate(rows) if row["name"] and key(str(row["name"])) == key(name)]
    assert {int(str(rows[at]["person_key"])) for at in same} == set(everything_found(lake, name)[: len(same)])
    for nothing in ("", "  ", "-", "%", "*", '"', "nobody at all", "龘"):
        assert everything_found(lake, nothing) == []
    for sign in ('" OR *', "number:1", "NEAR(李 王)", "a AND", "'; --"):
        everything_found(lake, sign)  # signs are no language of queries


def test_pages_are_complete_and_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    rows = people(230, seed=5)
    lake = lake_of(tmp_path / "one", rows)
    other = lake_of(tmp_path / "other", random.Random(9).sample(rows, len(rows)))
    for each in (lake, other):
        build_index(each.pin(), now_us=1)
    with customer_search.opened(lake.pin()) as index:
        assert index is not None
        pages = [customer_search.listed(index, start, 50) for start in range(0, 250, 50)]
        assert {page.count for page in pages} == {230}
        seen = [row.customer_id for page in pages for row in page.rows]
        assert len(seen) == len(set(seen)) == 230
        assert customer_search.one(index, seen[7]) == pages[0].rows[7]
        assert customer_search.one(index, -5) is None
    for text in ("", "李", "1", "c"):
        assert everything_found(lake, text) == everything_found(other, text)


def test_undo_forgets_and_the_next_index_knows_only_what_is_left(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, [*people(5, seed=6), {**people(1, seed=7)[0], "name": "司馬忘記", "person_key": 1}])
    path = build_index(lake.pin(), now_us=1)
    assert everything_found(lake, "司马") == [1]
    assert path.read_bytes().find("司馬忘記".encode()) >= 0
    undo_import(tmp_path, 1, now_us=2)
    assert not list((tmp_path / FOLDER).glob("*.sqlite3")), "gone at once, before anything is built anew"
    build_index(lake.pin(), now_us=3)
    assert everything_found(lake, "司马") == []
    assert all("司馬忘記".encode() not in file.read_bytes() for file in (tmp_path / FOLDER).iterdir())


def test_while_it_is_built_customers_are_found_without_it(tmp_path: Path) -> None:
    rows = people(120, seed=8)
    lake = lake_of(tmp_path, rows)
    pinned = lake.pin()
    with customer_search.opened(pinned) as index:
        assert index is None
    draft = index_path(pinned).with_suffix(".draft")
    draft.parent.mkdir()
    draft.write_bytes(b"half of an index")
    found = customer_search.scanned(pinned, str(rows[3]["native_key"]), 0, 50)
    assert found.rows[0].customer_id == rows[3]["person_key"]
    assert customer_search.scanned(pinned, "", 100, 50).count == 120
    assert len(customer_search.scanned(pinned, "", 100, 50).rows) == 20
    build_index(pinned, now_us=1)
    assert not draft.exists(), "what a killed process left is cleared away"


def test_looking_while_it_is_built_leaves_nothing_that_passes_for_an_index(tmp_path: Path) -> None:
    pinned = Lake(tmp_path / "lake").pin()
    path = index_path(pinned)
    path.parent.mkdir(parents=True)
    with customer_search.opened(pinned) as index:
        assert index is None
    assert not path.exists()
    path.touch()
    build_index(pinned, now_us=1)
    with customer_search.opened(pinned) as index:
        assert index is not None
        assert customer_search.heard(index).customers == 0


def test_only_one_process_builds(tmp_path: Path) -> None:
    from harken.lake.locking import WriteLock
    from harken.vocabulary.messages import Message

    lake = lake_of(tmp_path, people(3, seed=1))
    with WriteLock(tmp_path / FOLDER, Message("test"), 1), pytest.raises(Busy):
        build_index(lake.pin(), now_us=1)
