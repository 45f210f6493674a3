"""Uploads are weighed while they arrive: what is too large is not kept, and the page says so."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

TOO_LARGE = "harken.upload_too_large"


class WeighedUpload(FileUploadHandler):
    """Stops keeping files once all of an upload weigh more than the limit; others handlers write them to disk."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.bytes = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hand a chunk on, or stop."""
        from harken.usecases.importing.drafts import UPLOAD_BYTES_MAX

        self.bytes += len(raw_data)
        if self.bytes > UPLOAD_BYTES_MAX:
            if self.request is not None:
                self.request.META[TOO_LARGE] = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the finished file to the handlers that keep it."""
