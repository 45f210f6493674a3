"""The page of people: owners only; an address is shown once and leads to a password."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from test_pages import TAGS, strict

from harken.locale import LANGUAGES
from harken.usecases import people

PASSWORD = "quiet harbour 47"


def invited(reader: Any, username: str, role: str = "member") -> str:
    """The path of the one-time address that the page shows."""
    page = reader.post("/people/", {"username": username, "role": role}, follow=True)
    strict(page.text)
    (address,) = re.findall(r'value="(https?://[^"]*/enter/[^"]*)"', page.text)
    return str(address).split("localhost")[1]


@pytest.mark.parametrize("company", ["empty"], indirect=True)
def test_an_invited_person_chooses_a_password_and_comes_in(company: Path, reader: Any) -> None:
    from django.test import Client

    path = invited(reader, "li.wei", "analyst")
    assert path not in reader.get("/people/").text, "shown once"
    guest = Client(SERVER_NAME="localhost")
    page = guest.get(path, follow=True)
    assert page.redirect_chain[-1][0] == "/account/password/"
    assert 'name="old"' not in page.text
    guest.post("/account/password/", {"password": PASSWORD, "again": PASSWORD})
    assert Client(SERVER_NAME="localhost").get(path).status_code == 410
    fresh = Client(SERVER_NAME="localhost")
    signed_in = fresh.post("/sign-in/", {"account": "li.wei", "password": PASSWORD}, follow=True)
    assert signed_in.status_code == 200
    assert "li.wei" in signed_in.text
    assert "invited li.wei as analyst" in reader.get("/people/").text


@pytest.mark.parametrize("company", ["empty"], indirect=True)
def test_a_forgotten_password_is_replaced_and_no_longer_works(company: Path, reader: Any) -> None:
    from django.contrib.auth import authenticate
    from django.test import Client

    guest = Client(SERVER_NAME="localhost")
    guest.get(invited(reader, "li"))
    guest.post("/account/password/", {"password": PASSWORD, "again": PASSWORD})
    page = reader.post("/people/li/", {"do": "address"}, follow=True)
    (path,) = re.findall(r"(/enter/[^\"/]+/)", page.text)
    assert authenticate(None, username="li", password=PASSWORD) is not None, "until the address is used"
    Client(SERVER_NAME="localhost").get(path)
    assert authenticate(None, username="li", password=PASSWORD) is None


@pytest.mark.parametrize("company", ["empty"], indirect=True)
def test_who_is_deactivated_is_out_at_once_and_an_owner_remains(company: Path, reader: Any) -> None:
    from django.test import Client

    guest = Client(SERVER_NAME="localhost")
    guest.get(invited(reader, "li"))
    assert guest.get("/").status_code == 200
    after = reader.post("/people/li/", {"do": "deactivate"}, follow=True)
    assert "deactivated" in after.text
    assert guest.get("/").status_code == 302
    refused = reader.post("/people/demo/", {"do": "role", "role": "member"})
    assert refused.status_code == 400
    assert "last owner" in refused.text
    assert reader.get("/people/li/").status_code == 405


@pytest.mark.parametrize("company", ["empty"], indirect=True)
@pytest.mark.parametrize("role", ["member", "analyst"])
def test_only_owners_see_and_change_people(company: Path, reader: Any, role: str) -> None:
    from harken.records.models import User

    User.objects.update(role=role)
    assert reader.get("/people/").status_code == 403
    assert reader.post("/people/", {"username": "x", "role": "owner"}).status_code == 403
    assert reader.post("/people/demo/", {"do": "role", "role": "owner"}).status_code == 403
    assert "/people/" not in reader.get("/").text
    assert len(people.list_people(company)) == 1


@pytest.mark.parametrize("company", ["empty"], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_does_not_fit_is_said_at_its_field_in_every_language(
    company: Path, reader: Any, language: str
) -> None:
    reader.post("/preferences/", {"language": language})
    wrong = {"username": "DEMO", "email": "nobody", "role": "member"}
    page = reader.post("/people/", wrong)
    assert page.status_code == 400
    strict(page.text)
    assert f'<html lang="{TAGS[language]}"' in page.text
    assert "id_email_error" in page.text
    taken = reader.post("/people/", {"username": "DEMO", "role": "member"})
    assert 'role="alert"' in taken.text or "id_username_error" in taken.text
    assert len(people.list_people(company)) == 1


@pytest.mark.parametrize("company", ["empty"], indirect=True)
def test_more_people_ask_no_more_of_the_records(company: Path, reader: Any) -> None:
    from django.db import connection

    counts = []
    for number in range(2):
        for each in range(3):
            people.invite(company, by="demo", username=f"p{number}{each}", role="member")
        queries: list[str] = []

        def count(execute: Any, sql: str, *rest: Any, queries: list[str] = queries) -> Any:
            queries.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(count):
            assert reader.get("/people/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5
