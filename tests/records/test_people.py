"""People invited, changed and deactivated: never without an owner, each change noted; on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from harken.usecases import accounts, people
from harken.vocabulary.errors import SettingsError


def owned(root: Path) -> Path:
    accounts.create_owner(root, username="mei", password="quiet harbour 47")
    return root


def test_who_is_invited_chooses_a_password_by_an_address_that_works_once(records_root: Path) -> None:
    from django.utils import timezone

    from harken.records.models import LoginToken
    from harken.records.tokens import use

    owned(records_root)
    entry = people.invite(
        records_root, by="mei", username="li.wei", role="analyst", name="Li Wei", language="zh-hans"
    )
    person = next(one for one in people.list_people(records_root) if one.username == "li.wei")
    assert (person.role, person.has_password, person.last_sign_in, person.active) == ("analyst", False, None, True)
    token = entry.path.split("/")[2]
    now = timezone.now()
    assert use(token, "password", now + timedelta(days=3, minutes=1)) is None, "valid for three days"
    assert token not in str(list(LoginToken.objects.values())), "only its hash is kept"
    assert use(token, "password", now + timedelta(days=2, hours=23)) is not None
    assert use(token, "password", now) is None
    again = people.new_address(records_root, "li.wei", by="mei")
    latest = people.new_address(records_root, "li.wei", by="mei")
    assert use(again.path.split("/")[2], "password", now) is None, "a newer one replaces it"
    assert use(latest.path.split("/")[2], "password", timezone.now()) is not None


def test_an_account_that_does_not_fit_leaves_nothing(records_root: Path) -> None:
    owned(records_root)
    for fields in ({"username": "MEI", "role": "member"}, {"username": "new", "role": "king"}):
        with pytest.raises(SettingsError) as refused:
            people.invite(records_root, by="mei", **fields)
        assert refused.value.problems
    assert len(people.list_people(records_root)) == 1
    assert people.changes(records_root) == ()


def test_the_last_owner_stays_one_and_stays_in(records_root: Path) -> None:
    owned(records_root)
    for change in (
        lambda: people.change_role(records_root, "mei", "member", by="mei"),
        lambda: people.set_active(records_root, "mei", False, by="mei"),
    ):
        with pytest.raises(SettingsError, match="last owner"):
            change()
    people.invite(records_root, by="mei", username="li", role="owner")
    people.set_active(records_root, "li", False, by="mei")
    with pytest.raises(SettingsError, match="last owner"):
        people.change_role(records_root, "mei", "analyst", by="mei")
    people.set_active(records_root, "li", True, by="mei")
    assert people.change_role(records_root, "mei", "analyst", by="mei").role == "analyst"
    with pytest.raises(SettingsError, match="no role"):
        people.change_role(records_root, "mei", "king", by="li")
    with pytest.raises(SettingsError, match="no account"):
        people.change_role(records_root, "nobody", "member", by="li")


def test_two_owners_cannot_deactivate_each_other_at_once(records_root: Path) -> None:
    owned(records_root)
    people.invite(records_root, by="mei", username="li", role="owner")
    together, outcomes = threading.Barrier(2), []

    def deactivate(username: str) -> None:
        from django.db import connection

        together.wait()
        try:
            people.set_active(records_root, username, False, by=None)
            outcomes.append("done")
        except SettingsError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=deactivate, args=(name,)) for name in ("mei", "li")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    assert sum(person.active for person in people.list_people(records_root)) == 1


def test_each_change_is_noted_with_who_and_about_whom_and_nothing_twice(records_root: Path) -> None:
    owned(records_root)
    people.invite(records_root, by="mei", username="li", role="member")
    people.change_role(records_root, "li", "analyst", by="mei")
    people.change_role(records_root, "li", "analyst", by="mei")
    people.set_active(records_root, "li", False, by=None)
    people.set_active(records_root, "li", False, by=None)
    with pytest.raises(SettingsError, match="deactivated"):
        people.new_address(records_root, "li", by="mei")
    noted = [(one.by, one.about, one.what, one.before, one.after) for one in people.changes(records_root)]
    assert noted == [
        (None, "li", "deactivated", "", ""),
        ("mei", "li", "role", "member", "analyst"),
        ("mei", "li", "invited", "", "member"),
    ]
