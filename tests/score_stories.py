"""Two small companies whose truth is known: five answers a wave in B2B, and a segment whose silent are unhappy."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from harken.lake.log import Lake
from harken.usecases.workspaces import Workspace
from made_up import DAY, MAPPING, NOW, rows_of, signals

ASKED = {"scale": "nps_0_10", "programme": "relationship", "question": "recommend"}
LANGUAGES = ("en", "zh-hans", "zh-hant")


def _people(count: int, **columns: object) -> object:
    base = {
        "person_key": np.arange(1, count + 1),
        "id_space": "shop",
        "native_key": [f"C{number:05}" for number in range(1, count + 1)],
        "source": "shop",
        "import_id": 0,
        "declared": True,
    }
    return rows_of("people", count, **base, **columns)


def fill_two_waves(workspace: Workspace) -> None:
    """60 accounts with 300 contacts; two waves of five answers, 20 points apart, from different accounts.

    Tickets are rated by 600 answers that no language answers otherwise than another.
    """
    rng = np.random.default_rng(7)
    contacts = np.arange(1, 301)
    with Lake(workspace.lake_root).begin_import(
        source="shop", files=(), mapping_toml=MAPPING, now_us=NOW
    ) as writer:
        languages = [LANGUAGES[number % 3] for number in contacts]
        writer.append("people", _people(300, account_key=1000 + (contacts - 1) // 5, language=languages))
        for wave, (days, first, scores) in enumerate(
            ((120, 1, (10.0, 9.0, 9.0, 8.0, 3.0)), (20, 151, (9.0, 9.0, 8.0, 8.0, 5.0)))
        ):
            person = first + 5 * np.arange(5)
            answers = signals("answer", person, np.full(5, NOW - days * DAY), score=list(scores), **ASKED)
            ids = [9_000_000 + wave * 100 + index for index in range(5)]
            writer.append("signals", answers.set_column(0, "signal_id", [ids]))
        rated = rng.integers(1, 301, 600)
        moments = NOW - DAY - (rng.random(600) * 300 * DAY).astype(np.int64)
        asked = {"scale": "csat_1_5", "programme": "ticket", "question": "satisfied"}
        score = rng.choice([2.0, 3.0, 4.0, 5.0], 600)
        writer.append("signals", signals("answer", rated, moments, score=score, **asked))
        writer.commit()


def fill_kept_back(workspace: Workspace, customers: int = 6000, loaded: int = 2000, seed: int = 11) -> np.ndarray:
    """Customers of whom about half answer; `loaded` of the answers are imported, the others are kept back.

    Long waits make customers unhappy and silent; in "zh-hant" most wait long. Returns the answers kept back as
    rows of (customer number, score).
    """
    rng = np.random.default_rng(seed)
    person = np.arange(1, customers + 1)
    language = np.array(LANGUAGES)[(person - 1) % 3]
    long_wait = rng.random(customers) < np.where(language == "zh-hant", 0.65, 0.2)
    wait = np.where(long_wait, rng.uniform(20, 40, customers), rng.uniform(1, 10, customers))
    truth = np.clip(np.round(10.4 - 0.17 * wait + rng.normal(0, 1.2, customers)), 0, 10)
    answered = np.flatnonzero(rng.random(customers) < np.where(long_wait, 0.12, 0.75))
    back = rng.permutation(answered)
    given, kept = np.sort(back[:loaded]), np.sort(back[loaded:])
    with Lake(workspace.lake_root).begin_import(
        source="shop", files=(), mapping_toml=MAPPING, now_us=NOW
    ) as writer:
        writer.append("people", _people(customers, language=language.tolist(), name=[f"李{n}" for n in person]))
        contact = np.repeat(person, 2)
        moments = NOW - 60 * DAY - (rng.random(len(contact)) * 200 * DAY).astype(np.int64)
        wait_s = wait[contact - 1] * 60
        writer.append("signals", signals("contact", contact, moments, wait_s=wait_s, channel="phone"))
        days = np.full(len(given), NOW - 10 * DAY)
        writer.append("signals", signals("answer", person[given], days, score=truth[given], **ASKED))
        writer.commit()
    return np.array([(f"C{person[at]:05}", f"{truth[at]:.0f}") for at in kept])


def write_kept_back(path: Path, rows: np.ndarray, *more: tuple[str, str]) -> Path:
    """The answers kept back as a CSV file, with `more` rows at its end."""
    lines = ["Customer ID,NPS score", *(f"{number},{score}" for number, score in [*rows.tolist(), *more])]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
