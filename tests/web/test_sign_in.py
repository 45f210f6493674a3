"""Ways in and out by the pages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from harken.usecases import accounts

PASSWORD = "quiet harbour 47"
HOST = {"SERVER_NAME": "localhost"}


@pytest.fixture
def client(workspace_root: Path):
    from django.test import Client

    accounts.create_owner(workspace_root, username="wei", password=PASSWORD, email="wei@example.com")
    return Client(enforce_csrf_checks=False, **HOST)


def test_every_page_but_the_way_in_asks_who_is_there(client) -> None:
    from harken.web.urls import urlpatterns

    open_pages = {"sign-in", "enter", "set-up", "preferences"}
    arguments = {
        "token": "x",
        "run_id": "abc",
        "customer_id": "1",
        "import_id": 1,
        "name": "x.csv",
        "topic": "scores",
        "family": "waiting",
        "draft_id": "abc",
        "kind": "sql",
        "number": 1,
        "step": "preview",
        "username": "wei",
        "draw_id": "abc",
    }
    from django.urls import reverse

    for pattern in urlpatterns:
        names = pattern.pattern.converters
        answer = client.get(reverse(pattern.name, kwargs={name: arguments[name] for name in names}))
        if pattern.name in open_pages:
            assert answer.status_code in (200, 405, 410), pattern.name
        else:
            assert answer.status_code == 302, pattern.name
            assert answer.url.startswith("/sign-in/?next=/"), pattern.name


@pytest.mark.parametrize("account", ["wei", "WEI@example.com"])
def test_signing_in_and_out(client, account: str) -> None:
    answer = client.post("/sign-in/?next=/learn/scores/", {"account": account, "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, "/learn/scores/")
    cookie = client.cookies["harken_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert client.get("/").status_code == 200
    assert client.get("/sign-out/").status_code == 405, "a link cannot sign anybody out"
    assert client.post("/sign-out/").url == "/sign-in/"
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"])
def test_nobody_is_sent_elsewhere(client, target: str) -> None:
    answer = client.post("/sign-in/", {"account": "wei", "password": PASSWORD, "next": target})
    assert answer.url == "/"


def test_a_new_session_after_signing_in(client) -> None:
    client.get("/sign-in/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    before = session.session_key
    client.cookies["harken_session"] = before
    client.post("/sign-in/", {"account": "wei", "password": PASSWORD})
    assert client.cookies["harken_session"].value != before


def test_wrong_passwords_are_answered_alike_and_not_for_ever(client) -> None:
    from harken.records.signing import FAILURES_PER_ACCOUNT

    known = client.post("/sign-in/", {"account": "wei", "password": "wrong password"})
    unknown = client.post("/sign-in/", {"account": "nobody", "password": "wrong password"})
    message = "Name or password is wrong."
    assert message in known.text
    assert message in unknown.text
    for _ in range(FAILURES_PER_ACCOUNT - 1):
        client.post("/sign-in/", {"account": "wei", "password": "wrong password"})
    locked = client.post("/sign-in/", {"account": "wei", "password": PASSWORD})
    assert locked.status_code == 429
    assert "Too many tries" in locked.text


def test_forms_need_their_token(workspace_root: Path) -> None:
    from django.test import Client

    accounts.create_owner(workspace_root, username="wei", password=PASSWORD)
    strict = Client(enforce_csrf_checks=True, **HOST)
    answer = strict.post("/sign-in/", {"account": "wei", "password": PASSWORD})
    assert answer.status_code == 403
    assert "too old" in answer.text


def test_the_first_owner_is_made_in_the_browser_once(workspace_root: Path) -> None:
    from django.test import Client

    visitor = Client(**HOST)
    assert "Nobody has an account" in visitor.get("/", follow=True).text
    visit = accounts.first_visit(workspace_root)
    assert visit is not None
    assert visitor.get("/set-up/guessed/").status_code == 410
    assert visitor.get(visit.path).status_code == 200
    entry = {"username": "wei", "email": "wei@example.com", "password": PASSWORD, "again": PASSWORD}
    for wrong, text in (
        ({"again": "something else 1"}, "differ"),
        ({"password": "short", "again": "short"}, "short"),
        ({"username": "wei@home"}, "letters"),
        ({"email": "nonsense"}, "email"),
    ):
        refused = visitor.post(visit.path, {**entry, **wrong})
        assert refused.status_code == 200
        assert text in refused.text
    assert visitor.post(visit.path, entry).url == "/"
    assert visitor.get("/").status_code == 200
    (owner,) = accounts.list_people(workspace_root)
    assert owner.role == "owner"
    assert Client(**HOST).get(visit.path).status_code == 410


def test_the_demo_is_entered_once_by_its_address(workspace_root: Path) -> None:
    from django.test import Client

    entry = accounts.enter_demo(workspace_root)
    early = Client(**HOST).get(entry.path, headers={"Sec-Purpose": "prefetch;prerender"})
    assert early.status_code == 503, "reading ahead does not use the address up"
    visitor = Client(**HOST)
    assert visitor.get(entry.path).url == "/"
    assert visitor.get("/").status_code == 200
    assert visitor.get(entry.path).url == "/", "who is in already is just led on"
    stranger = Client(**HOST)
    assert stranger.get(entry.path).status_code == 410
    assert stranger.get("/").status_code == 302


def test_an_expired_address_does_not_open(workspace_root: Path) -> None:
    from django.test import Client

    accounts.create_owner(workspace_root, username="wei", password=PASSWORD)
    entry = accounts.enter_as(workspace_root, "wei", valid_for=timedelta(seconds=-1))
    assert Client(**HOST).get(entry.path).status_code == 410


def test_a_changed_password_signs_others_out_but_not_oneself(client) -> None:
    from django.test import Client

    other = Client(**HOST)
    for browser in (client, other):
        browser.post("/sign-in/", {"account": "wei", "password": PASSWORD})
    new = {"password": "another harbour 48", "again": "another harbour 48"}
    assert "not your present" in client.post("/account/password/", {"old": "wrong", **new}).text
    assert client.post("/account/password/", {"old": PASSWORD, **new}).url == "/"
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 302


def test_whoever_entered_without_a_password_may_set_one(workspace_root: Path) -> None:
    from django.test import Client

    visitor = Client(**HOST)
    visitor.get(accounts.enter_demo(workspace_root).path)
    form = visitor.get("/account/password/")
    assert 'name="old"' not in form.text
    visitor.post("/account/password/", {"password": PASSWORD, "again": PASSWORD})
    assert Client(**HOST).post("/sign-in/", {"account": "demo", "password": PASSWORD}).url == "/"


def test_language_and_theme_are_kept(client) -> None:
    from django.test import Client

    stranger = Client(headers={"Accept-Language": "zh-TW,zh;q=0.9"}, **HOST)
    assert 'lang="zh-Hant"' in stranger.get("/sign-in/").text
    answer = stranger.post("/preferences/", {"language": "zh-hans", "next": "/sign-in/"})
    assert answer.url == "/sign-in/"
    assert 'lang="zh-Hans"' in stranger.get("/sign-in/").text
    client.post("/sign-in/", {"account": "wei", "password": PASSWORD})
    client.post("/preferences/", {"language": "zh-hant"})
    client.post("/preferences/", {"theme": "dark"})
    elsewhere = Client(**HOST)
    elsewhere.post("/sign-in/", {"account": "wei", "password": PASSWORD})
    page = elsewhere.get("/").text
    assert 'lang="zh-Hant" data-theme="dark"' in page
    client.post("/preferences/", {"language": "xx", "theme": "neon"})
    assert 'lang="zh-Hant" data-theme="dark"' in client.get("/").text
