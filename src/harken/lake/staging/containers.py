"""From paths to raw files: folders, zip archives and gzip are opened, their kind is told from their first bytes."""

from __future__ import annotations

import gzip
import hashlib
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from harken.vocabulary.errors import DataError, Problem
from harken.vocabulary.messages import Message, gettext_noop

Kind = Literal["text", "xlsx", "xls", "parquet", "json", "xes"]

MAX_RATIO = 250
"""A packed file may grow at most so many times; more is a zip bomb."""
MAX_UNPACKED_BYTES = 20 * 1024**3
"""And to at most so many bytes."""
SMALL_BYTES = 50 * 1024**2
"""Below this size the ratio is not looked at: a tiny file of blanks packs very well."""

TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".tab", ".psv", ".dat", ".vv", ""})
READ_SUFFIXES = TEXT_SUFFIXES | {".zip", ".gz", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".parquet", ".pq"}
READ_SUFFIXES |= {".json", ".jsonl", ".ndjson", ".xes"}
NOT_TABLES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"SQLite format 3", "SQLite"),
    (b"\x7fELF", "ELF"),
    (b"MZ", "EXE"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"RDX", "R"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"{\\rtf", "RTF"),
)


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file as it came: `name` is shown and matched, `path` is where its bytes lie, `size` in bytes.

    `place` is its way inside the folder or archive, which becomes its name where another file has the same one.
    """

    name: str
    path: Path
    kind: Kind
    size: int
    sha256: str
    place: str


def refuse(text: str, name: str, todo: str | None = None, **params: str | int) -> DataError:
    """A `DataError` about one file."""
    return DataError(Message(text, {"file": name, **params}), None if todo is None else Message(todo))


def find(paths: Sequence[Path], unpack_to: Path) -> tuple[list[RawFile], list[Problem]]:
    """Every readable file under the given files, folders and archives, sorted by name.

    Archives are unpacked into `unpack_to`. Files in a folder that are no tables (pictures, documents) are left out
    and returned as notes; a file named outright that cannot be read raises `DataError`.
    """
    found: list[RawFile] = []
    notes: list[Problem] = []
    for path in paths:
        if path.is_dir():
            found += in_folder(path, unpack_to, notes)
        elif path.is_file():
            found += open_file(path, path.name, path.name, unpack_to, notes)
        else:
            raise refuse(gettext_noop("There is no file or folder {file}."), str(path))
    if not found:
        shown = ", ".join(str(path) for path in paths)
        raise DataError(
            Message(gettext_noop("There is no file to import in {paths}."), {"paths": shown}),
            Message(gettext_noop("Harken reads CSV and other text files, Excel, Parquet, JSON and zip archives.")),
            notes,
        )
    return unique_names(sorted(found, key=lambda raw: (raw.name, raw.place))), notes


def in_folder(folder: Path, unpack_to: Path, notes: list[Problem]) -> Iterator[RawFile]:
    """Readable files of a folder and its subfolders."""
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if not path.is_file() or any(part.startswith((".", "~$", "__MACOSX")) for part in inner.parts):
            continue
        if path.suffix.lower() not in READ_SUFFIXES:
            notes.append(Problem(Message(gettext_noop("is not a table and was left out")), file=inner.as_posix()))
            continue
        try:
            yield from open_file(path, path.name, inner.as_posix(), unpack_to, notes)
        except DataError as error:
            notes.append(Problem(error.what, file=inner.as_posix()))


def unique_names(files: list[RawFile]) -> list[RawFile]:
    """Files of the same name are named by their place (2024/orders.csv); the same content twice is read once."""
    alike: dict[str, dict[str, RawFile]] = {}
    for raw in files:
        alike.setdefault(raw.name, {}).setdefault(raw.sha256, raw)
    kept: list[RawFile] = []
    problems = []
    for name, versions in alike.items():
        if len(versions) == 1:
            kept += versions.values()
        elif len({raw.place for raw in versions.values()}) == len(versions):
            kept += [replace(raw, name=raw.place) for raw in versions.values()]
        else:
            problems.append(Problem(Message(gettext_noop("stands twice with different content")), file=name))
    if problems:
        raise DataError(
            Message(gettext_noop("Two files of one import have the same name.")),
            Message(gettext_noop("Rename one of them, or import one after the other.")),
            problems,
        )
    return kept


def open_file(path: Path, name: str, place: str, unpack_to: Path, notes: list[Problem]) -> Iterator[RawFile]:
    """The raw files in one file: itself, or the members of an archive."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise refuse(gettext_noop("{file} is empty."), name, gettext_noop("Export it again, then import it."))
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        yield from open_zip(path, name, place, unpack_to, notes)
        return
    if head.startswith(b"\x1f\x8b"):
        yield from open_gzip(path, name, place, unpack_to, notes)
        return
    yield RawFile(name, path, kind_of(head, name), size, sha256_of(path), place)


def kind_of(head: bytes, name: str) -> Kind:
    """What kind of file starts with these bytes; raises `DataError` for files that are no tables."""
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    if head.startswith(b"PAR1"):
        return "parquet"
    for mark, kind in NOT_TABLES:
        if head.startswith(mark):
            raise refuse(
                gettext_noop("{file} is a {kind} file, not a table."),
                name,
                gettext_noop("Export the table as CSV, Excel or Parquet."),
                kind=kind,
            )
    suffix = PurePosixPath(name).suffix.lower()
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if suffix in (".json", ".jsonl", ".ndjson") or (suffix in ("", ".txt") and text[:2] in (b'{"', b"[{")):
        return "json"
    if b"<log" in head and (suffix == ".xes" or b"xes" in head):
        return "xes"
    if re.match(rb"<(!doctype html|html|\?xml)", text, re.IGNORECASE):
        raise refuse(
            gettext_noop("{file} is a web page or XML, not a table, although its name says otherwise."),
            name,
            gettext_noop("Open it in Excel and save it as CSV or .xlsx."),
        )
    return "text"


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_limited(source: IO[bytes], target: Path, packed: int, name: str) -> int:
    """Unpack into `target`, refusing to grow beyond the ratio or the size limit; the number of bytes."""
    written = 0
    with target.open("wb") as out:
        while chunk := source.read(1 << 20):
            written += len(chunk)
            if written > MAX_UNPACKED_BYTES or (written > SMALL_BYTES and written > MAX_RATIO * max(packed, 1)):
                raise refuse(
                    gettext_noop(
                        "{file} grows more than {ratio} times or beyond {size} GB when unpacked: refused."
                    ),
                    name,
                    gettext_noop("Unpack it yourself if you trust it, and import the files inside."),
                    ratio=MAX_RATIO,
                    size=MAX_UNPACKED_BYTES // 1024**3,
                )
            out.write(chunk)
    return written


def open_gzip(path: Path, name: str, place: str, unpack_to: Path, notes: list[Problem]) -> Iterator[RawFile]:
    """The file inside a gzip file; its name is the outer one without .gz."""
    inner = re.sub(r"\.gz$", "", name, flags=re.IGNORECASE)
    target = unpack_to / f"{len(list(unpack_to.iterdir()))}.bin"
    try:
        with gzip.open(path) as source:
            copy_limited(source, target, path.stat().st_size, name)
    except (OSError, EOFError, ValueError):
        raise damaged(name) from None
    yield from open_file(target, inner, place, unpack_to, notes)


def damaged(name: str) -> DataError:
    """The error for a broken archive."""
    return refuse(
        gettext_noop("{file} is damaged and cannot be opened."),
        name,
        gettext_noop("Copy or download it again, then import it."),
    )


def open_zip(path: Path, name: str, place: str, unpack_to: Path, notes: list[Problem]) -> Iterator[RawFile]:
    """The members of a zip archive; an Excel workbook is a zip too and comes back as one file."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            inside = {info.filename for info in members}
            if inside & {"xl/workbook.xml", "xl/workbook.bin"} or "content.xml" in inside:
                check_total(members, name)
                yield RawFile(name, path, "xlsx", path.stat().st_size, sha256_of(path), place)
                return
            if any(info.flag_bits & 1 for info in members):
                raise refuse(
                    gettext_noop("{file} is protected by a password."),
                    name,
                    gettext_noop("Unpack it with the password and import the files inside."),
                )
            yield from zip_members(archive, members, place, unpack_to, notes)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, ValueError, RuntimeError):
        raise damaged(name) from None
    except Exception as error:
        if type(error).__module__ in ("zlib", "lzma"):
            raise damaged(name) from None
        raise


def check_total(members: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse a workbook that would unpack to an absurd size."""
    unpacked = sum(info.file_size for info in members)
    packed = sum(info.compress_size for info in members)
    if unpacked > 4 * 1024**3 or (unpacked > SMALL_BYTES and unpacked > MAX_RATIO * max(packed, 1)):
        raise refuse(
            gettext_noop("{file} grows more than {ratio} times when unpacked: refused."),
            name,
            gettext_noop("Save it as CSV and import that."),
            ratio=MAX_RATIO,
        )


def zip_members(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], place: str, unpack_to: Path, notes: list[Problem]
) -> Iterator[RawFile]:
    """The tables among the members; other members are noted and left out."""
    for info in members:
        inner = member_name(info)
        pure = PurePosixPath(inner)
        if any(part.startswith((".", "~$", "__MACOSX")) for part in pure.parts):
            continue
        if pure.suffix.lower() not in READ_SUFFIXES or pure.suffix.lower() == ".zip":
            notes.append(Problem(Message(gettext_noop("is not a table and was left out")), file=inner))
            continue
        if not info.file_size:
            notes.append(Problem(Message(gettext_noop("is empty and was left out")), file=inner))
            continue
        target = unpack_to / f"{len(list(unpack_to.iterdir()))}.bin"
        with archive.open(info) as source:
            copy_limited(source, target, info.compress_size, inner)
        yield from open_file(target, pure.name, f"{place}/{inner}", unpack_to, notes)


def member_name(info: zipfile.ZipInfo) -> str:
    """The name of a member in the encoding it was written in: zips made in China hold GBK names without saying so.

    >>> info = zipfile.ZipInfo("客户.csv".encode("gbk").decode("cp437"))
    >>> member_name(info)
    '客户.csv'
    """
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    from harken.lake.staging.encodings import CANDIDATES, plausibility

    for encoding in ("utf-8", *sorted(CANDIDATES, key=lambda name: -plausibility(name, raw))):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename
