"""What went wrong, said so that a CX person can mend it: whose fault, what, where, the value, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harken.vocabulary.messages import Message, gettext_noop


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at one place of a user's data or settings.

    `row` counts as a spreadsheet does (the header is row 1); `column` is the name in the file;
    `value` is what stood there, cut to 80 characters for display only.

    >>> str(Problem(Message("{value} is not between 0 and 10", {"value": "12"}), "nps.csv", 7, "score", "12"))
    'nps.csv, row 7, column score: 12 is not between 0 and 10'
    """

    reason: Message
    file: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def place(self) -> Message | None:
        """Where it is: file, row and column as far as they are known, or None."""
        places = {
            (True, True, True): gettext_noop("{file}, row {row}, column {column}"),
            (True, True, False): gettext_noop("{file}, row {row}"),
            (True, False, True): gettext_noop("{file}, column {column}"),
            (True, False, False): gettext_noop("{file}"),
            (False, False, True): gettext_noop("column {column}"),
        }
        known = (self.file is not None, self.row is not None, self.column is not None)
        if known not in places:
            return None
        row = None if self.row is None else str(self.row)
        return Message(places[known], {"file": self.file, "row": row, "column": self.column})

    def message(self) -> Message:
        """The place and the reason as one sentence."""
        place = self.place()
        if place is None:
            return self.reason
        return Message(gettext_noop("{place}: {reason}"), {"place": place, "reason": self.reason})

    def __str__(self) -> str:
        return str(self.message())


class HarkenError(Exception):
    """A failure that Harken explains instead of showing a traceback.

    `what` says what happened, `todo` what the reader can do, `problems` every single place.
    Subclasses say whose fault it is; `exit_code` is the command's exit status.
    """

    exit_code = 1

    def __init__(self, what: Message, todo: Message | None = None, problems: Sequence[Problem] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.todo = todo
        self.problems = tuple(problems)

    def __str__(self) -> str:
        lines = [str(self.what), *(f"  {problem}" for problem in self.problems)]
        if self.todo is not None:
            lines.append(str(self.todo))
        return "\n".join(lines)


class DataError(HarkenError):
    """The file or the data in it cannot be used as they are."""

    exit_code = 3


class SettingsError(HarkenError):
    """A mapping, an option or a setting of the user does not fit."""

    exit_code = 2


class NotEnoughData(HarkenError):
    """The data are fine, but too few or too alike for this question."""

    exit_code = 4


class Busy(HarkenError):
    """Another import or analysis holds the lock."""

    exit_code = 5
