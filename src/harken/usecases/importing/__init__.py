"""Files in: propose a mapping, preview, import, undo, list."""

from harken.usecases.importing.proposing import MappingProposal, propose
from harken.usecases.importing.reports import (
    FileReport,
    ImportEntry,
    ImportReport,
    PartReport,
    Preview,
    PreviewPart,
    UndoReport,
)
from harken.usecases.importing.running import holds_data, import_files, list_imports, preview, undo_import

__all__ = [
    "FileReport",
    "ImportEntry",
    "ImportReport",
    "MappingProposal",
    "PartReport",
    "Preview",
    "PreviewPart",
    "UndoReport",
    "holds_data",
    "import_files",
    "list_imports",
    "preview",
    "propose",
    "undo_import",
]
