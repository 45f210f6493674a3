"""Files at web addresses, read again only where they changed."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from harken.gateways.sources.secrets import filled, masked_address, scrubbed, secrets_in
from harken.gateways.sources.visiting import Fetched, Visit
from harken.gateways.sources.web.settings import WebSettings
from harken.vocabulary.errors import DataError
from harken.vocabulary.messages import Message, gettext_noop
from harken.vocabulary.progress import Progress

REDIRECTS = 5
CHUNK_BYTES = 1 << 18
NOT_MODIFIED = 304
TEXTS = frozenset({".csv", ".tsv", ".txt", ".tab", ".psv", ".dat", ".json", ".jsonl", ".ndjson", ".xes"})
ENDINGS = TEXTS | {".zip", ".gz", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".parquet", ".pq"}
TYPES = {
    "text/csv": ".csv",
    "application/csv": ".csv",
    "text/plain": ".txt",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "application/zip": ".zip",
    "application/gzip": ".gz",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.apache.parquet": ".parquet",
}


def fetch(settings: WebSettings, visit: Visit, progress: Progress) -> Fetched:
    """Download what changed since the last reading, as the servers' ETag and Last-Modified tell.

    Redirects are followed five times at most, and headers are not sent on to another server. Raises DataError
    where an address answers with an error, too late or with too much; nothing is kept of the reading then.
    """
    import urllib3

    visit.into.mkdir(parents=True, exist_ok=True)
    remembered: dict[str, Any] = {}
    files: list[Path] = []
    headers = {name: filled(value) for name, value in settings.headers}
    with urllib3.PoolManager() as pool:
        for number, written in enumerate(settings.addresses):
            shown = masked_address(written)
            progress(
                Message(gettext_noop("Asking {address}"), {"address": shown}), number / len(settings.addresses)
            )
            address = filled(written)
            known = visit.since.get(str(number), {})
            call = _Call(address, shown, headers, settings, {*headers.values()} | secrets_in(address))
            answer = call.ask(pool, known)
            try:
                if answer.status == NOT_MODIFIED:
                    remembered[str(number)] = known
                    continue
                call.refuse_errors(answer)
                path = visit.into / _told_apart(call.file_name(answer, visit.name), number, settings.addresses)
                call.save(answer, path, progress)
            finally:
                answer.release_conn()
                answer.close()
            files.append(path)
            etag, modified = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
            remembered[str(number)] = {"etag": etag, "modified": modified}
            if visit.rows is not None:
                break
    return Fetched(tuple(files), remembered)


class _Call:
    """One address on its way: asked, judged, saved; whatever is said of it is without its secrets."""

    def __init__(
        self, address: str, shown: str, headers: dict[str, str], settings: WebSettings, secrets: set[str]
    ) -> None:
        self.address, self.shown, self.headers, self.settings = address, shown, headers, settings
        self.secrets = secrets
        self.ends = time.monotonic() + settings.timeout_seconds

    def ask(self, pool: Any, known: dict[str, Any]) -> Any:
        """The answer with its body not yet read."""
        import urllib3

        conditions = {"If-None-Match": known.get("etag"), "If-Modified-Since": known.get("modified")}
        headers = {**self.headers, **{name: value for name, value in conditions.items() if value}}
        private = [name.casefold() for name in headers]
        retries = urllib3.Retry(
            total=REDIRECTS, connect=0, read=0, status=0, other=0, redirect=REDIRECTS,
            remove_headers_on_redirect=[*private, "authorization", "cookie", "proxy-authorization"],
        )  # fmt: skip
        try:
            return pool.request(
                "GET", self.address, headers={"User-Agent": "Harken", **headers}, retries=retries,
                timeout=urllib3.Timeout(total=float(self.settings.timeout_seconds)), preload_content=False,
            )  # fmt: skip
        except urllib3.exceptions.MaxRetryError as error:
            if isinstance(error.reason, urllib3.exceptions.ResponseError):
                raise self.failure(
                    gettext_noop("{address} leads on to other addresses more than {most} times."), most=REDIRECTS
                ) from None
            raise self.unreachable(error.reason) from None
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise self.unreachable(error) from None

    def refuse_errors(self, answer: Any) -> None:
        """Raise DataError where the answer is no file."""
        if answer.status in (401, 403):
            raise self.failure(
                gettext_noop("{address} asks who is there (status {status})."),
                gettext_noop("Write the header or key it wants, or ask who runs it for access."),
                status=str(answer.status),
            )
        if answer.status in (404, 410):
            raise self.failure(
                gettext_noop("There is nothing at {address} (status {status})."),
                gettext_noop("Check the address."),
                status=str(answer.status),
            )
        if not 200 <= answer.status < 300:
            raise self.failure(
                gettext_noop("{address} answered with an error (status {status})."),
                gettext_noop("Harken asks again after a while; if it stays so, ask who runs it."),
                status=str(answer.status),
            )
        if _content_type(answer) in ("text/html", "application/xhtml+xml"):
            raise self.failure(
                gettext_noop("{address} gave a web page, not a file."),
                gettext_noop("Often this is a page to sign in; name the address of the file itself."),
            )

    def file_name(self, answer: Any, source: str) -> str:
        """What the file is called: by the address where it has an ending that says what it is, else by its type."""
        last = re.sub(r"[^\w.-]+", "_", PurePosixPath(unquote(urlsplit(self.address).path)).name).lstrip(".")
        if PurePosixPath(last).suffix.lower() in ENDINGS:
            return last
        kind = _content_type(answer)
        if kind not in TYPES:
            raise self.failure(
                gettext_noop("{address} gave something that is no table ({kind})."),
                gettext_noop("Harken reads CSV and other text files, Excel, Parquet, JSON and zip archives."),
                kind=kind or "?",
            )
        return f"{PurePosixPath(last).stem or source}{TYPES[kind]}"

    def save(self, answer: Any, path: Path, progress: Progress) -> None:
        """Write the body, up to the size limit and the time limit."""
        import urllib3

        limit = self.settings.limit_mb * 1_000_000
        announced = answer.headers.get("Content-Length", "")
        expected = int(announced) if announced.isdigit() else 0
        size = 0
        with path.open("wb") as out:
            try:
                while size <= limit and expected <= limit:
                    chunk = answer.read1(CHUNK_BYTES, decode_content=True)
                    if not chunk:
                        break
                    size += len(chunk)
                    out.write(chunk)
                    progress(
                        Message(gettext_noop("Downloading from {address}"), {"address": self.shown}),
                        min(size / (expected or limit), 1.0),
                    )
                    if time.monotonic() > self.ends:
                        raise self.failure(
                            gettext_noop("{address} took longer than {seconds} seconds."),
                            seconds=self.settings.timeout_seconds,
                        )
            except (urllib3.exceptions.HTTPError, OSError) as error:
                raise self.unreachable(error) from None
        if max(size, expected) > limit:
            raise self.failure(
                gettext_noop("{address} holds more than {limit} MB."),
                gettext_noop("Raise the limit of this source if that is right."),
                limit=self.settings.limit_mb,
            )

    def unreachable(self, error: Any) -> DataError:
        """The failure of a connection."""
        import urllib3

        refused = isinstance(error, urllib3.exceptions.NewConnectionError)  # which also is a TimeoutError
        if isinstance(error, urllib3.exceptions.TimeoutError) and not refused:
            return self.failure(
                gettext_noop("{address} took longer than {seconds} seconds."), seconds=self.settings.timeout_seconds
            )
        return self.failure(
            gettext_noop("{address} cannot be reached: {why}"),
            gettext_noop("Check the address, and that the server Harken runs on may reach it."),
            why=_reason(error, self.secrets),
        )

    def failure(self, text: str, todo: str | None = None, **params: str | int) -> DataError:
        """A DataError about this address."""
        message = Message(text, {"address": self.shown, **params})
        return DataError(message, None if todo is None else Message(todo))


def _reason(error: Any, secrets: set[str]) -> str:
    """What a connection's failure says of itself, without addresses of objects and without secrets."""
    text = re.sub(r"<[^>]*>:?\s*", "", str(error)).rpartition("Failed to establish a new connection: ")[2]
    return scrubbed(text, secrets) or type(error).__name__


def _content_type(answer: Any) -> str:
    return str(answer.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


def _told_apart(name: str, number: int, addresses: Sequence[str]) -> str:
    """The file's name, numbered where addresses end alike: the same one whether or not the others changed.

    >>> _told_apart("a.csv", 1, ["https://x.example/a.csv", "https://y.example/a.csv"])
    'a_2.csv'
    """
    endings = [PurePosixPath(urlsplit(address).path).stem for address in addresses]
    if endings.count(endings[number]) == 1:
        return name
    path = PurePosixPath(name)
    return f"{path.stem}_{number + 1}{path.suffix}"
