"""What every answer carries, and what the web process never loads."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harken.usecases import accounts


@pytest.fixture
def client(workspace_root: Path):
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.get(accounts.enter_demo(workspace_root).path)
    return client


@pytest.mark.parametrize("page", ["/", "/sign-in/", "/no/such/page/", "/learn/retention/"])
def test_every_answer_is_guarded(client, page: str) -> None:
    headers = client.get(page).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    for hole in ("unsafe-inline", "unsafe-eval", "data:", "*", "http:"):
        assert hole not in policy
    for directive in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert directive in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "camera=()" in headers["Permissions-Policy"]


def test_strange_hosts_are_turned_away(client) -> None:
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_https_is_kept_where_it_is_declared(client) -> None:
    from django.test import override_settings

    forwarded = {"X-Forwarded-Proto": "https"}
    assert "Strict-Transport-Security" not in client.get("/", headers=forwarded).headers
    with override_settings(
        SECURE_HSTS_SECONDS=31536000, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")
    ):
        # The middleware reads its settings once, so a new handler is needed.
        from django.test import Client

        headers = Client(SERVER_NAME="localhost").get("/sign-in/", headers=forwarded).headers
        assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_the_web_process_stays_light(empty_workspace: Path) -> None:
    """Intervals of any period need scipy.special; whatever is heavier waits until somebody asks for it."""
    script = (
        "import sys; from harken.web.wsgi import application; from django.urls import get_resolver;"
        "get_resolver().url_patterns;"
        "print([m for m in ('sklearn', 'scipy.stats', 'scipy.optimize', 'pandas', 'deltalake', 'vl_convert')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"HARKEN_WORKSPACE": str(empty_workspace), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_no_page_loads_the_models(analysed_company: Path, tmp_path: Path) -> None:
    """Pages read results; what computed them stays in the worker."""
    root = tmp_path / "company"
    shutil.copytree(analysed_company, root)
    script = (
        "import os, sys; from pathlib import Path; from harken.web.wsgi import application\n"
        "from django.test import Client; from harken.usecases.accounts import enter_demo\n"
        "client = Client(SERVER_NAME='localhost')\n"
        "client.get(enter_demo(Path(os.environ['HARKEN_WORKSPACE'])).path)\n"
        "pages = ['/', '/learn/retention/', '/learn/whole-base/', '/learn/scores/', '/unify/inventory/',"
        " '/act/customers/', '/unify/customers/', '/listen/imports/', '/listen/sources/', '/learn/analyses/',"
        " '/how/retention/', '/how/drivers/']\n"
        "print([client.get(page).status_code for page in pages] == [200] * len(pages), 'sklearn' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"HARKEN_WORKSPACE": str(root), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["True", "False"]


def test_static_files_are_served_by_their_content(empty_workspace: Path) -> None:
    script = (
        "from harken.web.wsgi import application; from django.conf import settings\n"
        "got = {}\n"
        "def start(status, headers): got.update(status=status, **dict(headers))\n"
        "environ = {'REQUEST_METHOD': 'GET', 'PATH_INFO': settings.STATIC_URL + 'harken.css'}\n"
        "body = b''.join(application(environ, start))\n"
        "print(got['status'], got['Content-Type'], got['Cache-Control'], len(body) > 5000)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"HARKEN_WORKSPACE": str(empty_workspace), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("200 OK text/css")
    assert "immutable" in done.stdout
    assert done.stdout.strip().endswith("True")
