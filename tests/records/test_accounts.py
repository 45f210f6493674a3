"""Accounts and ways in, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from harken.usecases import accounts
from harken.vocabulary.errors import SettingsError

PASSWORD = "quiet harbour 47"


def owner(root: Path) -> accounts.Account:
    return accounts.create_owner(root, username="Wei.Li", password=PASSWORD, email="wei@example.com")


def test_an_owner_is_found_by_name_and_by_address_in_any_case(records_root: Path) -> None:
    from django.contrib.auth import authenticate

    owner(records_root)
    for account in ("Wei.Li", "wei.li", "WEI@example.com", " wei@example.com "):
        user = authenticate(None, username=account, password=PASSWORD)
        assert user is not None
        assert user.role == "owner"
    assert authenticate(None, username="wei.li", password="another one 47") is None
    assert authenticate(None, username="nobody", password=PASSWORD) is None


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"username": "wei.LI", "email": "other@example.com"}, None),
        ({"username": "other", "email": "WEI@EXAMPLE.COM"}, None),
        ({"username": "wei@home", "email": ""}, "username"),
        ({"username": "other", "email": "not an address"}, "email"),
        ({"username": "other", "email": "", "password": "short"}, "password"),
        ({"username": "longenough", "email": "", "password": "longenough"}, "password"),
    ],
)
def test_an_account_that_does_not_fit_is_refused_with_its_reason(
    records_root: Path, fields: dict[str, str], place: str | None
) -> None:
    owner(records_root)
    with pytest.raises(SettingsError) as refused:
        accounts.create_owner(records_root, **{"password": PASSWORD, **fields})
    assert refused.value.problems
    if place is not None:
        assert place in {problem.column for problem in refused.value.problems}
    assert len(accounts.list_people(records_root)) == 1


def test_a_password_is_never_stored(records_root: Path) -> None:
    from harken.records.models import User

    owner(records_root)
    assert PASSWORD not in User.objects.get().password
    accounts.change_password(records_root, "wei.li", "another harbour 48")
    assert User.objects.get().check_password("another harbour 48")
    with pytest.raises(SettingsError, match="no account"):
        accounts.change_password(records_root, "nobody", "another harbour 48")


def test_a_one_time_address_opens_once_and_only_in_time(records_root: Path) -> None:
    from django.utils import timezone

    from harken.records.models import LoginToken
    from harken.records.tokens import holds, use

    owner(records_root)
    token = accounts.enter_as(records_root, "wei.li").path.split("/")[2]
    now = timezone.now()
    assert token not in str(LoginToken.objects.values_list())
    assert use(token, LoginToken.Purpose.SET_UP, now) is None, "a token serves one purpose"
    assert use(token, LoginToken.Purpose.ENTER, now + timedelta(days=2)) is None, "it expires"
    assert holds(token, LoginToken.Purpose.ENTER, now)
    used = use(token, LoginToken.Purpose.ENTER, now)
    assert used is not None
    assert used.user is not None
    assert used.user.username == "Wei.Li"
    assert use(token, LoginToken.Purpose.ENTER, now) is None
    older = accounts.enter_as(records_root, "wei.li").path.split("/")[2]
    accounts.enter_as(records_root, "wei.li")
    assert not holds(older, LoginToken.Purpose.ENTER, now), "a new address replaces an unused one"


def test_of_many_at_once_one_gets_in(records_root: Path) -> None:
    from django.db import connection
    from django.utils import timezone

    from harken.records.models import LoginToken
    from harken.records.tokens import use

    owner(records_root)
    token = accounts.enter_as(records_root, "wei.li").path.split("/")[2]
    start, results = threading.Barrier(8), []

    def enter() -> None:
        start.wait()
        results.append(use(token, LoginToken.Purpose.ENTER, timezone.now()))
        connection.close()

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert sum(result is not None for result in results) == 1


def test_the_first_visit_is_offered_until_somebody_has_an_account(records_root: Path) -> None:
    visit = accounts.first_visit(records_root)
    assert visit is not None
    assert visit.path.startswith("/set-up/")
    owner(records_root)
    assert accounts.first_visit(records_root) is None


def test_the_demo_is_entered_without_a_password_but_not_twice(records_root: Path) -> None:
    first = accounts.enter_demo(records_root)
    second = accounts.enter_demo(records_root)
    assert first != second
    (demo,) = accounts.list_people(records_root)
    assert (demo.username, demo.role) == ("demo", "owner")


def test_there_is_always_a_way_in(records_root: Path) -> None:
    assert accounts.way_in(records_root).path.startswith("/set-up/")
    accounts.enter_demo(records_root)
    assert accounts.way_in(records_root).path.startswith("/enter/"), "nobody has a password yet"
    accounts.change_password(records_root, "demo", PASSWORD)
    assert accounts.way_in(records_root).path == "/"


def test_tries_are_counted_before_the_password_is_looked_at(records_root: Path) -> None:
    from django.utils import timezone

    from harken.records.models import SignInFailures
    from harken.records.signing import FAILURES_PER_ACCOUNT, WINDOW, count_try, forget_tries

    now = timezone.now()
    for _ in range(FAILURES_PER_ACCOUNT):
        assert count_try("wei.li", "10.0.0.1", now) is None
    wait = count_try("WEI.LI", "10.0.0.1", now)
    assert wait is not None
    assert timedelta(0) < wait <= WINDOW
    assert count_try("wei.li", "10.0.0.2", now) is None, "another address is not locked out"
    assert count_try("someone", "10.0.0.1", now) is None
    stored = str(list(SignInFailures.objects.values_list()))
    assert "wei" not in stored
    assert "10.0.0" not in stored
    assert count_try("wei.li", "10.0.0.1", now + WINDOW) is None
    forget_tries("wei.li", "10.0.0.2")
    assert count_try("wei.li", "10.0.0.2", now) is None


def test_one_address_cannot_try_many_names(records_root: Path) -> None:
    from django.utils import timezone

    from harken.records.signing import FAILURES_PER_ADDRESS, count_try

    now = timezone.now()
    for number in range(FAILURES_PER_ADDRESS):
        assert count_try(f"name{number}", "10.0.0.1", now) is None
    assert count_try("yet another", "10.0.0.1", now) is not None


def test_parallel_tries_do_not_slip_through(records_root: Path) -> None:
    from django.db import connection
    from django.utils import timezone

    from harken.records.signing import FAILURES_PER_ACCOUNT, count_try

    now, start, waits = timezone.now(), threading.Barrier(12), []

    def attempt() -> None:
        start.wait()
        waits.append(count_try("wei.li", "10.0.0.1", now))
        connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wait is None for wait in waits) == FAILURES_PER_ACCOUNT
