"""The folder of an export: readable by its owner only, on the disk before the manifest names its files."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from ganbo.journeys.moving import manifest as manifests
from ganbo.journeys.moving import tables
from ganbo.journeys.moving.manifest import File, Manifest
from ganbo.journeys.moving.taking import PROGRAMME, Piece, Taking

_READ = 1 << 20


class NotEmpty(Exception):
    """The folder has something in it, or is no folder."""


class Altered(Exception):
    """A file is missing or not what the manifest says; the argument is its name."""


def taken(manifest: Manifest) -> str:
    """The instant of an export by the shop's clocks, for people."""
    zone = ZoneInfo(manifest.timezone or "UTC")
    return f"{datetime.fromisoformat(manifest.taken_at).astimezone(zone):%Y-%m-%d %H:%M}"


def ready(folder: Path) -> None:
    """Make the folder, or take an empty one; nobody else may look into it. Raises NotEmpty or OSError."""
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise NotEmpty(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def write(folder: Path, everything: Taking, told: Callable[[str], None]) -> Manifest:
    """Every piece, and the manifest last: without it the export is not complete."""
    for part in (tables.FOLDER, PROGRAMME):
        (folder / part).mkdir(mode=0o700)
    files = []
    for piece in everything.pieces():
        told(piece.name)
        files.append(_write(folder / piece.name, piece))
    manifest = everything.manifest(files)
    for part in (tables.FOLDER, PROGRAMME, ""):
        _to_disk(folder / part)
    unnamed = folder / f"{manifests.NAME}.part"
    _write(unnamed, Piece(unnamed.name, iter((manifests.written(manifest),))))
    unnamed.rename(folder / manifests.NAME)
    _to_disk(folder)
    return manifest


def _write(path: Path, piece: Piece) -> File:
    digest, size = sha256(), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for block in piece.blocks:
            out.write(block)
            digest.update(block)
            size += len(block)
        out.flush()
        os.fsync(out.fileno())
    return File(piece.name, piece.rows, size, digest.hexdigest(), piece.columns)


def _to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def lines(folder: Path, file: File) -> Iterator[bytes]:
    """A file's lines without their ends; when the last is through it was what the manifest says. Raises Altered."""
    digest, rows = sha256(), 0
    try:
        with (folder / file.name).open("rb", buffering=_READ) as found:
            for line in found:
                digest.update(line)
                rows += 1
                yield line.rstrip(b"\n")
    except OSError as failure:
        raise Altered(file.name) from failure
    if digest.hexdigest() != file.sha256 or rows != file.rows:
        raise Altered(file.name)


def check(folder: Path, manifest: Manifest, told: Callable[[str], None]) -> None:
    """Every file is there and as it was written. Raises Altered."""
    for file in manifest.files:
        told(file.name)
        digest = sha256()
        try:
            with (folder / file.name).open("rb") as found:
                while block := found.read(_READ):
                    digest.update(block)
        except OSError as failure:
            raise Altered(file.name) from failure
        if digest.hexdigest() != file.sha256:
            raise Altered(file.name)
