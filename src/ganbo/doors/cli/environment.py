"""What every command needs before Django starts: the data folder, its secrets, the database, the role."""

import os
import secrets
from pathlib import Path

from ganbo.foundation.postgres.cluster import CannotStart, Cluster

_SETTINGS = "ganbo.settings"


def data_folder(given: Path | None = None) -> Path:
    """The folder of the embedded database and the secrets: --data, GANBO_DATA, else ./var."""
    return (given or Path(os.environ.get("GANBO_DATA", "var"))).absolute()


def prepare(*, data: Path | None = None, role: str = "app", demo: bool = False) -> Cluster | None:
    """Set GANBO_* for this process and its children; start the embedded server when no other one is named.

    Returns the cluster when this process started it and must stop it.
    """
    folder = data_folder(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", _SETTINGS)
    os.environ["GANBO_ROLE"] = role
    os.environ["GANBO_DATA"] = str(folder)
    if demo:
        os.environ["GANBO_DEMO"] = "yes"
    cluster = None
    if "GANBO_DATABASE_URL" not in os.environ:
        running = folder / "database-url"
        cluster = _start_unless_running(folder, running)
    (folder / "static").mkdir(parents=True, exist_ok=True)
    if "GANBO_SECRET_KEY" not in os.environ:
        os.environ["GANBO_SECRET_KEY"] = _secret(folder / "secret-key")
    return cluster


def _start_unless_running(folder: Path, note: Path) -> Cluster | None:
    """Use the server another ganbo runs for this folder, else start one."""
    cluster = Cluster(folder)
    try:
        cluster.start()
    except CannotStart:
        if not note.exists():
            raise
        os.environ["GANBO_DATABASE_URL"] = note.read_text().strip()
        return None
    handle = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(cluster.url)
    os.environ["GANBO_DATABASE_URL"] = cluster.url
    return cluster


def _secret(path: Path) -> str:
    """A secret made once and kept beside the data, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


def start_without_database() -> None:
    """Settings for the words and the rules only; no database is touched."""
    os.environ.setdefault("GANBO_DATABASE_URL", "postgresql://nobody@localhost/none")
    os.environ.setdefault("GANBO_SECRET_KEY", "no secret is needed without a database")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", _SETTINGS)
    start_django()


def start_django() -> None:
    """Load settings and applications."""
    import django

    django.setup()
