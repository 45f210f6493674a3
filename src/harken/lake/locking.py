"""One writer at a time: a lock file held by the operating system, released even when the process is killed."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from types import TracebackType

from harken.vocabulary.errors import Busy
from harken.vocabulary.messages import Message, gettext_noop

LOCK_FILE = "write.lock"


class WriteLock:
    """The lake's write lock, held from construction until `release`.

    Taking it raises `Busy` at once if someone else holds it, and says who. The file also remembers the highest
    import id ever given out, so that an id is never used twice, not even after a crash.
    """

    def __init__(self, root: Path, what: Message, now_us: int) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._file = os.open(root / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = self._read()
            os.close(self._file)
            self._file = -1
            raise _busy(holder) from error
        self.last_import_id = _whole(self._read().get("last_import_id"))
        self._holder = {"pid": os.getpid(), "what": str(what), "since_us": now_us}
        self.remember(self.last_import_id)

    def remember(self, import_id: int) -> None:
        """Note that `import_id` was given out."""
        self.last_import_id = import_id
        content = json.dumps({**self._holder, "last_import_id": import_id}).encode()
        os.pwrite(self._file, content, 0)
        os.ftruncate(self._file, len(content))

    def release(self) -> None:
        """Give the lock back; doing it twice does no harm."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> WriteLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _read(self) -> dict[str, object]:
        try:
            content = json.loads(os.pread(self._file, 65536, 0))
        except ValueError:  # empty at first, or a writer was killed while writing these few bytes
            return {}
        return content if isinstance(content, dict) else {}


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _busy(holder: dict[str, object]) -> Busy:
    return Busy(
        Message(
            gettext_noop("The lake is being written to: {what} (process {pid})."),
            {"what": str(holder.get("what", "?")), "pid": str(holder.get("pid", "?"))},
        ),
        Message(gettext_noop("Wait until it is done, then try again.")),
    )
