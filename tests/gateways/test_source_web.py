"""Web addresses: read again only where they changed, with limits, against a real server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from harken.gateways.sources import web
from harken.gateways.sources.visiting import Fetched, Visit
from harken.vocabulary.errors import DataError, SettingsError
from harken.vocabulary.progress import silent

NOW = datetime(2026, 5, 1, 6, tzinfo=UTC)
CSV = b"customer,nps\nC1,9\n"


class Server:
    """A web server in a thread that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.etag = '"1"'
        self.elsewhere = ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                outer.answer(self)

            def log_message(self, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.partition("?")[0]
        headers = {"Content-Type": "text/csv"}
        status, body = 200, CSV
        if path == "/nps.csv":
            if request.headers.get("If-None-Match") == self.etag:
                status, body = 304, b""
            headers["ETag"] = self.etag
        elif path == "/dated":
            moment = "Fri, 01 May 2026 00:00:00 GMT"
            if request.headers.get("If-Modified-Since") == moment:
                status, body = 304, b""
            headers["Last-Modified"] = moment
        elif path == "/moved":
            status, headers["Location"] = 302, "/nps.csv"
        elif path == "/away":
            status, headers["Location"] = 302, f"{self.elsewhere}/nps.csv"
        elif path == "/round":
            status, headers["Location"] = 302, "/round"
        elif path == "/broken":
            status = 500
        elif path == "/private.csv" and request.headers.get("Authorization") != "Bearer k3y-of-the-house":
            status = 401
        elif path == "/page.csv":
            headers["Content-Type"] = "text/html; charset=utf-8"
        elif path == "/picture":
            headers["Content-Type"] = "image/png"
        elif path == "/gone":
            status = 404
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        if path == "/large.csv":
            request.end_headers()
            try:
                for _ in range(40):
                    request.wfile.write(b"x" * 100_000)
            except OSError:
                pass
            return
        if path == "/announced.csv":
            request.send_header("Content-Length", "999000000")
        elif status != 304:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if path == "/slow.csv":
            time.sleep(3)
        if path == "/dripping.csv":
            for letter in body:
                time.sleep(0.3)
                try:
                    request.wfile.write(bytes([letter]))
                except OSError:
                    return
            return
        if status == 200 and path != "/announced.csv":
            request.wfile.write(body)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def read(tmp_path: Path, *addresses: str, since: Any = None, **values: str) -> Fetched:
    settings = web.read_settings({"addresses": "\n".join(addresses), **values})
    into = tmp_path / f"into{len(list(tmp_path.iterdir()))}"
    return web.fetch(settings, Visit(into, "nps", NOW, tmp_path / "company", since or {}), silent)


def test_what_did_not_change_is_not_read_again(server: Server, tmp_path: Path) -> None:
    addresses = (f"{server.address}/nps.csv", f"{server.address}/dated")
    first = read(tmp_path, *addresses)
    assert [path.name for path in first.files] == ["nps.csv", "dated.csv"], "by the address, else by the type"
    assert first.files[0].read_bytes() == CSV
    second = read(tmp_path, *addresses, since=first.since)
    assert second.files == ()
    assert second.since == first.since
    server.etag = '"2"'
    third = read(tmp_path, *addresses, since=second.since)
    assert [path.name for path in third.files] == ["nps.csv"]


def test_files_of_the_same_name_are_told_apart_always(server: Server, tmp_path: Path) -> None:
    addresses = (f"{server.address}/nps.csv?year=1", f"{server.address}/nps.csv?year=2")
    first = read(tmp_path, *addresses)
    assert [path.name for path in first.files] == ["nps_1.csv", "nps_2.csv"]


def test_redirects_are_followed_but_not_for_ever(server: Server, tmp_path: Path) -> None:
    assert read(tmp_path, f"{server.address}/moved").files[0].read_bytes() == CSV
    with pytest.raises(DataError, match="more than 5 times"):
        read(tmp_path, f"{server.address}/round")


def test_headers_stay_with_their_server(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_KEY", "k3y-of-the-house")
    header = {"headers": "Authorization: Bearer ${SOURCE_KEY}\nX-Key: ${SOURCE_KEY}"}
    assert read(tmp_path, f"{server.address}/private.csv", **header).files
    with pytest.raises(DataError, match="asks who is there"):
        read(tmp_path, f"{server.address}/private.csv")
    other = Server()
    try:
        server.elsewhere = other.address.replace("127.0.0.1", "localhost")
        assert read(tmp_path, f"{server.address}/away", **header).files
        assert "k3y" in str(server.asked), "it was sent where it belongs"
        assert "k3y" not in str(other.asked)
    finally:
        other.close()


@pytest.mark.parametrize(
    ("path", "values", "said"),
    [
        ("/broken", {}, r"answered with an error \(status 500\)"),
        ("/gone", {}, "nothing at"),
        ("/page.csv", {}, "a web page, not a file"),
        ("/picture", {}, "no table"),
        ("/large.csv", {"limit_mb": "1"}, "more than 1 MB"),
        ("/announced.csv", {"limit_mb": "1"}, "more than 1 MB"),
        ("/slow.csv", {"timeout_seconds": "1"}, "longer than 1 seconds"),
        ("/dripping.csv", {"timeout_seconds": "1"}, "longer than 1 seconds"),
    ],
)
def test_what_is_no_file_is_explained(
    server: Server, tmp_path: Path, path: str, values: dict[str, str], said: str
) -> None:
    with pytest.raises(DataError, match=said) as refused:
        read(tmp_path, f"{server.address}{path}?key=k3y-of-the-house", **values)
    assert "k3y" not in str(refused.value)


def test_nobody_there_is_explained_without_secrets(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be reached") as refused:
        read(tmp_path, "http://cx:k3y-of-the-house@127.0.0.1:1/nps.csv?token=t0ken-of-the-house")
    assert "of-the-house" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_only_web_addresses_and_headers_that_fit_are_taken() -> None:
    for values, field in (
        ({"addresses": ""}, "addresses"),
        ({"addresses": "file:///etc/passwd"}, "addresses"),
        ({"addresses": "https://"}, "addresses"),
        ({"addresses": "https://a.example", "headers": "no colon"}, "headers"),
        ({"addresses": "https://a.example", "headers": "Bad Name: x"}, "headers"),
        ({"addresses": "https://a.example", "limit_mb": "-1"}, "limit_mb"),
    ):
        with pytest.raises(SettingsError) as refused:
            web.read_settings(values)
        assert {problem.column for problem in refused.value.problems} == {field}
