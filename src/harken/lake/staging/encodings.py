"""Which encoding a text file is written in, and its text as UTF-8.

UTF-8 and the byte-order marks decide at once. Otherwise every usual encoding that decodes strictly is a
candidate, and the one whose characters are most usual in its own language wins: the frequent planes of GB 2312
and Big5 (ordered by use when the standards were made), kana, accented letters beside plain ones. The most
frequent Chinese characters count double, so that a few words suffice.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from harken.vocabulary.errors import DataError
from harken.vocabulary.messages import Message, gettext_noop

CHUNK_BYTES = 1 << 20
SAMPLE_BYTES = 200_000
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CANDIDATES = ("gb18030", "big5hkscs", "cp932", "cp949", "cp1252", "cp1251", "latin-1")
FREQUENT = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成"
    "方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工"
    "使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表"
    "化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结"
    "反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难"
    "客户编号姓名满意度评分价电话地址日期额订单品服投诉流失推荐调查回答渠快慢差错退款店送餐味包装费套率邮箱性别龄城省备注"
    "這個們來為國說時會對過發後裡經現當沒動還進樣從無長機關點業將兩間問並應戰頭體見產給門東聲員論處義認條係氣題爾變總電數"
    "報結務場計資統區隊決馬書聽達強難客戶編號滿價話額訂單訴調渠錯歡謝費郵齡備"
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding of a file; `sure` is False where the text fits none well, `odd` counts unreadable bytes."""

    name: str
    sure: bool = True
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class ByteSurvey:
    """What one pass over a file's bytes shows."""

    size: int
    head: bytes
    sample: bytes
    ascii: bool
    utf8: bool
    utf8_faults: int
    control: int
    nul_even: int
    nul_odd: int
    quotes: int


def survey_bytes(path: Path) -> ByteSurvey:
    """Read a file once: is it ASCII, UTF-8, text at all; and the lines that tell its encoding."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    size = faults = control = nul_even = nul_odd = quotes = 0
    ascii_only, head, sample = True, b"", bytearray()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            if not size:
                head = chunk[:4096]
            quotes += chunk.count(b'"')
            if b"\0" in chunk:
                nul_even += chunk[size % 2 :: 2].count(0)
                nul_odd += chunk[1 - size % 2 :: 2].count(0)
            control += len(chunk) - len(chunk.translate(None, CONTROL))
            if not chunk.isascii():
                ascii_only = False
                if len(sample) < SAMPLE_BYTES:
                    lines = [line[:4000] for line in chunk.splitlines() if not line.isascii()]
                    sample += b"\n".join(lines)[:SAMPLE_BYTES] + b"\n"
            faults += utf8_faults(decoder, chunk)
            size += len(chunk)
    faults += utf8_faults(decoder, b"", final=True)
    return ByteSurvey(size, head, bytes(sample), ascii_only, not faults, faults, control, nul_even, nul_odd, quotes)


CONTROL = bytes(set(range(32)) - {9, 10, 11, 12, 13, 26, 27}) + b"\x7f"


def utf8_faults(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> int:
    """Number of places of a chunk that are not UTF-8, counted to at most 1000."""
    faults = 0
    while faults < 1000:
        try:
            decoder.decode(chunk, final)
            return faults
        except UnicodeDecodeError as error:
            faults += 1
            chunk = error.object[error.end :]
            decoder.reset()
    return faults


def detect(survey: ByteSurvey) -> Encoding | None:
    """The encoding of the surveyed file, or None where it is no text."""
    for mark, name in BOMS:
        if survey.head.startswith(mark):
            return Encoding(name)
    wide = detect_utf16(survey)
    if wide is not None:
        return wide
    if survey.control > 8 + 0.002 * survey.size:
        return None
    if survey.utf8:
        return Encoding("utf-8")
    ranked = sorted(((plausibility(name, survey.sample), -i) for i, name in enumerate(CANDIDATES)), reverse=True)
    best, name = ranked[0][0], CANDIDATES[-ranked[0][1]]
    high = len(survey.sample.translate(None, bytes(range(128))))
    if high and survey.utf8_faults <= max(3, high // 200) and best < 1.2 and looks_utf8(survey.sample):
        return Encoding("utf-8", sure=False, lenient=True)
    return Encoding(name, sure=best > 0.25)


def looks_utf8(sample: bytes) -> bool:
    """True where nearly all bytes beyond ASCII form UTF-8 characters (a damaged UTF-8 file)."""
    text = sample.decode("utf-8", errors="replace")
    broken = text.count("�")
    return len(text) - len(text.encode("ascii", "ignore")) > 20 * broken


def detect_utf16(survey: ByteSurvey) -> Encoding | None:
    """UTF-16 without a mark: NUL bytes on one side only, where the ASCII characters are."""
    zeros = survey.nul_even + survey.nul_odd
    if zeros < 2 or survey.size % 2 or zeros < 0.005 * survey.size:
        return None
    big, little = survey.nul_even > 20 * survey.nul_odd, survey.nul_odd > 20 * survey.nul_even
    if big == little:
        return None
    name = "utf-16-be" if big else "utf-16-le"
    try:
        text = codecs.getincrementaldecoder(name)().decode(survey.head)
    except UnicodeDecodeError:
        return None
    return Encoding(name) if re.search(r"[\r\n,;\t|]", text) else None


def plausibility(name: str, sample: bytes) -> float:
    """How usual the characters beyond ASCII are if the bytes are in encoding `name`; -9 where they cannot be."""
    cut = sample[:SAMPLE_BYTES]
    try:
        text = codecs.getincrementaldecoder(name)("strict").decode(cut)
    except UnicodeDecodeError:
        return -9.0
    if name in ("cp1252", "latin-1", "cp1251"):
        return latin_plausibility(name, text)
    total = count = 0.0
    for character in text:
        if character >= "\x80":
            value, width = character_score(name, character)
            total += value * width
            count += width
    if name == "cp932" and not any("ぁ" <= character <= "ヿ" for character in text):
        total *= 0.15  # Japanese without a single kana is rare; a stray pair of bytes in a western text is not
    return total / count if count else 0.0


@lru_cache(maxsize=50_000)
def character_score(name: str, character: str) -> tuple[float, int]:
    """How usual a character is in a two-byte encoding, and how many bytes it takes."""
    if character == "\ufffd" or "\ue000" <= character <= "\uf8ff" or "\x80" <= character < "\xa0":
        return -2.0, 2
    raw = character.encode(name, "replace")
    width = len(raw)
    lead = raw[0]
    if name == "cp949":
        return (1.2 if "가" <= character <= "힣" and lead >= 0xB0 and raw[1] >= 0xA1 else -0.3), width
    if name == "cp932":
        return japanese_score(character, lead, width), width
    if character in FREQUENT:
        return 2.0, width
    if name == "gb18030":
        if width != 2:
            return -1.5, width
        if raw[1] < 0xA1 or lead < 0xA1:
            return -0.5, width
        return (1.0 if 0xB0 <= lead <= 0xD7 else 0.2 if 0xD8 <= lead <= 0xF7 else symbol_score(character)), width
    if width != 2:
        return -1.0, width
    return (1.0 if 0xA4 <= lead <= 0xC6 else 0.1 if 0xC9 <= lead <= 0xF9 else symbol_score(character)), width


def symbol_score(character: str) -> float:
    """Usual Chinese punctuation and full-width signs against box drawing and other rarities."""
    if character in "，。、！？：；（）“”‘’《》【】—…·￥％～「」『』" or "０" <= character <= "ｚ":
        return 1.0
    return -0.3


def japanese_score(character: str, lead: int, width: int) -> float:
    """Kana and first-level kanji are usual; half-width kana stand in few files."""
    if "ぁ" <= character <= "ヿ":
        return 1.6
    if "｡" <= character <= "ﾟ":
        return -0.6
    if width == 2 and 0x88 <= lead <= 0x98:
        return 0.7
    return 0.0 if width == 2 and lead >= 0x98 else symbol_score(character)


def latin_plausibility(name: str, text: str) -> float:
    """Accented letters stand beside plain letters and rarely in long runs; Russian ones stand together."""
    total = count = 0.0
    for run in re.finditer(r"[\x80-\U0010ffff]+", text):
        letters = run.group()
        before = text[run.start() - 1 : run.start()]
        after = text[run.end() : run.end() + 1]
        beside = before.isalpha() or after.isalpha()
        for character in letters:
            count += 1
            total += latin_score(name, character, len(letters), beside)
    return total / count if count else 0.0


def latin_score(name: str, character: str, run: int, beside: bool) -> float:
    """How usual one character beyond ASCII is in a western or Cyrillic text."""
    if "\x80" <= character < "\xa0":
        return -1.0
    if name == "cp1251":
        if "а" <= character <= "я" or character in "ёіїє":
            return 1.1 if run >= 3 else 0.0
        return 0.6 if "А" <= character <= "Я" and run >= 3 else -0.5
    if character in "àáâãäåæçèéêëìíîïñòóôõöøùúûüýßœšžÿ":
        return (1.3 if run <= 2 else -0.5) if beside else 0.3
    if character in "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŒŠŽ":
        return (0.6 if run <= 2 else -1.0) if beside else 0.0
    if character in "’‘“”–—…€£©®°•™\xa0ºª¿¡§·²½´":
        return 0.9 if run <= 3 else -0.3
    return -0.5


def decoded(path: Path, encoding: Encoding) -> Iterator[str]:
    """The text of a file in pieces; raises UnicodeDecodeError where the bytes do not fit."""
    errors = "replace" if encoding.lenient else "strict"
    decoder = codecs.getincrementaldecoder(encoding.name)(errors)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield decoder.decode(chunk)
    yield decoder.decode(b"", True)


def transcode(path: Path, target: Path, encoding: Encoding, name: str) -> Encoding:
    """Write the text of `path` as UTF-8 to `target`, in a stream; the encoding that was used.

    Should a later part of the file not fit the encoding found, the remaining candidates are tried, then unreadable
    bytes become the replacement character and the result says so (`sure` False, `lenient` True).
    """
    later = [Encoding(other, sure=False) for other in CANDIDATES if other != encoding.name]
    trials = [encoding, *later] if not encoding.name.startswith("utf") else [encoding]
    for trial in (*trials, Encoding(encoding.name, sure=False, lenient=True)):
        try:
            with target.open("wb") as out:
                for text in decoded(path, trial):
                    out.write(text.encode("utf-8", "replace"))
            return trial
        except UnicodeDecodeError:
            continue
    raise DataError(Message(gettext_noop("{file} cannot be read as text."), {"file": name}))


def transcode_declared(path: Path, target: Path, declared: str, name: str) -> Encoding:
    """The same with the encoding that the mapping declares; refuses a file that is not written in it."""
    try:
        with target.open("wb") as out:
            for text in decoded(path, Encoding(declared)):
                out.write(text.encode("utf-8", "replace"))
    except (UnicodeDecodeError, UnicodeError) as error:
        place = getattr(error, "start", 0)
        raise DataError(
            Message(
                gettext_noop("{file} is not written in {encoding}: byte {place} of a piece of it cannot be read."),
                {"file": name, "encoding": declared, "place": place},
            ),
            Message(gettext_noop("Leave the encoding out of the mapping, and Harken finds it.")),
        ) from None
    return Encoding(declared)
