"""A sales file on its way in: straight into the business's folder, never whole in memory, and looked at before it is kept."""

import os
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from ganbo.features.starting import queries

LARGEST = 200 * 1024 * 1024  # bytes; several years of a chain's bills
AROUND = 1024 * 1024  # what a form adds to its file
UNPACKED = 2 * 1024 * 1024 * 1024  # bytes a workbook may be once unpacked
FILE, FIELD = "sales", "file"  # as the worker finds it; the form's field
LONGEST_NAME = 80
_HEAD = 8192
_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0e-\x1f]")
_NO_TABLE = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"<!DO", b"<htm", b"{")


class ToFolder(FileUploadHandler):
    """Writes the one file of the form where it will lie, readable by its owner only."""

    def __init__(self, request: Any, schema: str, sales: UUID) -> None:
        super().__init__(request)
        self.folder = queries.folder(schema, sales)
        self.size, self.too_large, self.name = 0, False, ""
        self._out: Any = None

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        """The form's file is opened; anything else is not taken."""
        super().new_file(field_name, *args, **kwargs)
        if field_name != FIELD or self._out is not None:
            raise StopUpload(connection_reset=False)
        self.name = sane(self.file_name or "")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._out = os.fdopen(os.open(self.folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """A piece more; None: no other handler need see it."""
        self.size += len(raw_data)
        if self.size > LARGEST:
            self.too_large = True
            raise StopUpload(connection_reset=False)
        self._out.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        """It is all there."""
        self._out.close()
        return UploadedFile(None, self.name, "", file_size)

    def upload_interrupted(self) -> None:
        """The browser went away."""
        self.drop()

    def drop(self) -> None:
        """Nothing of it stays."""
        if self._out is not None:
            self._out.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def sane(name: str) -> str:
    """A file's name as it is shown: no folder, nothing that is not printed, not too long."""
    last = re.split(r"[\\/]", name)[-1]
    plain = "".join(sign for sign in last if sign.isprintable()).strip()
    return plain if len(plain) <= LONGEST_NAME else f"{plain[: LONGEST_NAME - 8]}…{plain[-7:]}"


def is_table(path: Path) -> bool:
    """Whether the file can be a table at all, by how it begins; the worker reads it in earnest."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip() or head.lstrip()[:4].startswith(_NO_TABLE):
        return False
    if head[:4] == b"PK\x03\x04":
        return _is_workbook(path)
    if head[:4] in (b"PAR1", b"\xd0\xcf\x11\xe0"):
        return True
    return len(_CONTROL.findall(head)) * 200 <= len(head)


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, OSError):
        return False
    sheets = any(one.filename.startswith("xl/") for one in parts)
    return sheets and sum(one.file_size for one in parts) <= UNPACKED
