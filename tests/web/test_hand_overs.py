"""Handing customers over: who is left alone, who sees what, what comes of it."""

from __future__ import annotations

import json
import math
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from test_pages import strict

import made_up
from harken.act.next_actions import held_out
from harken.lake.log import Lake
from harken.locale.catalogue import LANGUAGES
from harken.records import hand_overs
from harken.usecases import accounts
from harken.usecases.at_risk import Chosen, chosen_ids
from harken.usecases.evaluating.handed import all_handed_effect, handed_effect
from harken.usecases.runs import load_run
from harken.usecases.workspaces import DEMO_MARKER, open_workspace
from harken.vocabulary.estimates import Evidence

pytestmark = [pytest.mark.parametrize("company", ["analysed"], indirect=True)]


def handed(reader: Any, **fields: object) -> str:
    given = {"run": "", "first": "40", "person": "demo", "note": "Ask about the wait", **fields}
    return str(reader.post("/act/customers/hand-over/", given, follow=True).redirect_chain[-1][0])


def test_those_held_out_stay_out_and_are_kept(company: Path, reader: Any) -> None:
    run = load_run(open_workspace(company).runs_root)
    for sort in ("", "risk", "value"):
        address = handed(reader, sort=sort)
        number = int(address.split("/")[-2])
        ids = chosen_ids(run, Chosen(sort))[:40].tolist()
        alone = held_out(np.array(ids), run.info.seed)
        kept = hand_overs.handed_customers(company, number)
        assert [one.customer_id for one in kept] == ids
        assert [one.held_out for one in kept] == alone.tolist()
        about = hand_overs.hand_over_lists(company, number=number)[0]
        assert (about.customers, about.held_out) == (int((~alone).sum()), int(alone.sum()))
        page = reader.get(address).text
        strict(page)
        shown = {int(found) for found in re.findall(r'/unify/customers/(\d+)/"', page)}
        assert shown == {one for one, left in zip(ids, alone, strict=True) if not left}
    risks = [row["risk"] for row in run.customers().to_pylist()]
    by_risk = {row["customer_id"]: row["risk"] for row in run.customers().to_pylist()}
    wanted = sorted((risk for risk in risks if risk == risk), reverse=True)[:40]
    assert [by_risk[one] for one in chosen_ids(run, Chosen("risk"))[:40].tolist()] == wanted


def test_a_hand_over_is_seen_where_it_belongs(company: Path, reader: Any) -> None:
    address = handed(reader)
    number = int(address.split("/")[-2])
    first = next(one for one in hand_overs.handed_customers(company, number) if not one.held_out)
    assert "customers were handed to you" in reader.get("/").text
    assert "Handed over to demo" in reader.get(f"/unify/customers/{first.customer_id}/?kind=hand_over").text
    taken = reader.get(f"{address}?take=customers.csv")
    rows = b"".join(taken).decode("utf-8-sig").strip().splitlines()
    assert len([row for row in rows if row.endswith(f",{first.customer_id}")]) == 1
    assert sum("C0" in row for row in rows) == hand_overs.hand_over_lists(company, number=number)[0].customers
    done = {"outcome": "not_reached", "note": "<b>no answer</b>"}
    page = reader.post(f"{address}{first.customer_id}/", done, follow=True).text
    strict(page)
    assert "&lt;b&gt;no answer" in page
    kept = {one.customer_id: one for one in hand_overs.handed_customers(company, number)}
    assert kept[first.customer_id].outcome == "not_reached"
    assert kept[first.customer_id].done is not None
    assert "not reached" in reader.get(f"/unify/customers/{first.customer_id}/?kind=hand_over").text
    reader.post(f"{address}{first.customer_id}/", {"outcome": ""})
    assert hand_overs.handed_customers(company, number)[0].done is None
    for language in LANGUAGES:
        reader.post("/preferences/", {"language": language})
        for path in ("/act/hand-overs/", address, "/act/customers/?sort=risk", "/"):
            strict(reader.get(path).text)


def test_who_may_hand_over_and_who_may_see_it(company: Path, reader: Any) -> None:
    from django.test import Client

    from harken.records.models import User

    for name in ("caller", "other"):
        accounts.add_person(company, username=name, password="long enough 4 U", role="member")
    address = handed(reader, person="caller")
    number = int(address.split("/")[-2])
    first = next(one for one in hand_overs.handed_customers(company, number) if not one.held_out)
    visitors = {}
    for name in ("caller", "other"):
        visitors[name] = Client(SERVER_NAME="localhost")
        visitors[name].get(accounts.enter_as(company, name).path)
    assert visitors["caller"].get(address).status_code == 200
    assert "customers wait for you" in visitors["caller"].get("/act/hand-overs/").text
    mine = f"{address}{first.customer_id}/"
    assert visitors["caller"].post(mine, {"outcome": "reached"}).status_code == 302
    assert visitors["other"].get(address).status_code == 404
    assert visitors["other"].post(mine, {"outcome": ""}).status_code == 404
    assert address not in visitors["other"].get("/act/hand-overs/").text
    assert visitors["caller"].post("/act/customers/hand-over/", {"first": "3"}).status_code == 403
    assert 'name="person"' not in visitors["caller"].get("/act/customers/").text
    User.objects.filter(username="other").update(is_active=False)
    refused = reader.post("/act/customers/hand-over/", {"first": "3", "person": "other"})
    assert refused.status_code == 400


def test_what_cannot_be_handed_over(company: Path, reader: Any) -> None:
    run = load_run(open_workspace(company).runs_root)
    ids = chosen_ids(run)[:1200]
    alone = ids[held_out(ids, run.info.seed)][:3]
    address = "/act/customers/hand-over/"
    for wrong in ({"customer": [str(one) for one in alone]}, {"customer": ["77777777"]}, {"first": "0"}):
        refused = reader.post(address, {"person": "demo", **wrong})
        assert refused.status_code == 422
        assert "Nobody is left" in refused.text
    assert hand_overs.hand_over_lists(company) == ()
    assert reader.get(address).status_code == 405
    handed(reader)
    assert reader.post("/act/hand-overs/1/77777777/", {"outcome": "reached"}).status_code == 404
    assert reader.post(f"/act/hand-overs/1/{ids[0]}/", {"outcome": "sold"}).status_code == 400
    assert reader.get("/act/hand-overs/99/").status_code == 404


def test_the_list_asks_the_records_a_constant_few_questions(company: Path, reader: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for first in (3, 300):
        address = handed(reader, first=first)
        for page in (address, "/act/hand-overs/", "/act/customers/", "/unify/customers/7/"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                reader.get(page)
            counts.append((page if page != address else "", len(queries)))
    half = len(counts) // 2
    assert counts[:half] == counts[half:]
    assert max(count for _, count in counts) <= 12


def test_what_was_done_with_the_demo_company_leaves_with_it(company: Path, reader: Any) -> None:
    from django_tasks_db.models import DBTaskResult

    from harken.jobs.demo import move_demo
    from harken.jobs.held_back import latest_check, start_check
    from harken.jobs.worker import work

    handed(reader)
    since_us = time.time_ns() // 1000
    time.sleep(0.01)
    (company / DEMO_MARKER).write_text(json.dumps({"runs_before": [], "since_us": since_us}))
    handed(reader)
    start_check(company, "gone", "none")
    work(company, until_empty=True)
    assert latest_check(company) is not None
    assert len(hand_overs.hand_over_lists(company)) == 2
    assert move_demo.func(str(company), "leave") == {}
    assert [each.made.timestamp() * 1e6 < since_us for each in hand_overs.hand_over_lists(company)] == [True]
    assert latest_check(company) is None
    assert not DBTaskResult.objects.filter(task_path__contains="check_upload").exists()
    assert not (company / DEMO_MARKER).exists()


def kept_since(company: Path, days: int, ids: np.ndarray, alone: np.ndarray) -> int:
    """A hand-over of so many days before the data end; the chance of leaving then was what it is now."""
    run = load_run(open_workspace(company).runs_root)
    risk = {row["customer_id"]: row["risk"] for row in run.customers().to_pylist()}
    customers = [
        hand_overs.Handed(one, float(risk[one]), None, None, bool(left))
        for one, left in zip(ids.tolist(), alone, strict=True)
    ]
    made = datetime.fromtimestamp((made_up.NOW - days * made_up.DAY) / 1e6, tz=UTC)
    return hand_overs.store_hand_over(
        company, made_by="demo", person="demo", note="", run_id=run.info.id, customers=customers, now=made
    )


def test_what_handing_over_did_is_measured_by_those_left_alone(company: Path, reader: Any) -> None:
    ids = np.arange(1, 601)
    alone = held_out(ids, 1)
    number = kept_since(company, 120, ids, alone)
    about = hand_overs.hand_over_lists(company, number=number)[0]
    place = open_workspace(company)
    found = handed_effect(place, load_run(place.runs_root), about)
    assert found.evaluation is not None
    assert found.evaluation.effect is not None
    assert found.evaluation.effect.evidence is Evidence.EXPERIMENTAL
    start = made_up.NOW - 120 * made_up.DAY
    gone = Lake(place.lake_root).pin().connect().execute("select customer_id, ts_us from outcomes").fetchall()
    before = {one for one, moment in gone if moment < start}
    within = {one for one, moment in gone if start <= moment < start + 90 * made_up.DAY}
    for side, chosen in ((found.handed, ids[~alone]), (found.alone, ids[alone])):
        judged = set(chosen.tolist()) - before
        assert side is not None
        assert (side.customers, side.stayed) == (len(judged), len(judged - within))
    assert found.not_judged == len(before & set(ids.tolist()))
    again = kept_since(company, 110, np.arange(500, 701), held_out(np.arange(500, 701), 1))
    kept_since(company, 10, np.arange(800, 900), held_out(np.arange(800, 900), 1))
    together = all_handed_effect(place, load_run(place.runs_root), hand_overs.hand_over_lists(company))
    assert together is not None
    assert together.hand_overs == 2
    assert together.handed is not None
    assert found.handed is not None
    assert together.handed.customers > found.handed.customers
    for path in ("/act/hand-overs/", f"/act/hand-overs/{number}/"):
        text = reader.get(path).text
        strict(text)
        assert "Did handing over help?" in text
        assert "Neither scale nor stop it yet" in text
        assert "experimental" in text
    assert "customers were left alone so far" in reader.get("/act/hand-overs/").text
    assert reader.get("/how/impact/").status_code == 200
    assert again == number + 1


def test_until_it_is_known_the_page_says_what_is_missing(company: Path, reader: Any) -> None:
    nobody, few = np.zeros(30, bool), np.arange(30) < 2
    as_of = load_run(open_workspace(company).runs_root).info.as_of
    assert as_of is not None
    reach = datetime(as_of.year, as_of.month, as_of.day, tzinfo=ZoneInfo("Asia/Shanghai"))
    days_to_go = math.ceil((made_up.NOW + 60 * made_up.DAY - reach.timestamp() * 1e6) / made_up.DAY)
    cases = {
        kept_since(company, 30, np.arange(1, 31), few): f"{days_to_go} days on",
        kept_since(company, 120, np.arange(1, 31), few): "Too few to say: 2 left alone",
        kept_since(company, 120, np.arange(1, 31), nobody): "Nobody of this list was left alone",
    }
    for number, said in cases.items():
        assert said in reader.get(f"/act/hand-overs/{number}/").text
