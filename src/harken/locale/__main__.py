"""`python -m harken.locale` brings the catalogues in step with the source: new sentences in, old ones out.

`python -m harken.locale --check` changes nothing and lists what is missing.
"""

from __future__ import annotations

import sys
from pathlib import Path

from harken.locale.catalogue import FOLDERS, catalogue_path
from harken.locale.extraction import faults, ids
from harken.locale.portable_objects import compile_catalogue, parse, write

PACKAGE = Path(__file__).parent.parent


def main(arguments: list[str]) -> int:
    """Update (or with --check only examine) every catalogue; the exit status is 1 where something is missing."""
    wanted = ids(PACKAGE)
    complete = True
    for language in FOLDERS:
        source = catalogue_path(language, ".po")
        known = parse(source.read_text(encoding="utf-8")) if source.exists() else {}
        if "--check" not in arguments:
            known = {text: known.get(text, "") for text in wanted}
            source.parent.mkdir(parents=True, exist_ok=True)
            source.write_text(write(language, wanted, known), encoding="utf-8")
            catalogue_path(language, ".mo").write_bytes(compile_catalogue(language, known))
        problems = faults(wanted, known)
        complete &= not problems
        for problem in problems:
            sys.stdout.write(f"{language}: {problem}\n")
        sys.stdout.write(f"{language}: {len(wanted)} sentences, {len(problems)} faults\n")
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
