"""What a warehouse holds, by its manifest: only files that count are read."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ganbo.insights.warehouse import manifest as manifests
from ganbo.insights.warehouse.manifest import Manifest
from ganbo.kernel.refusal import Refusal


class NotFilled(Refusal):
    """The warehouse has not been filled yet: the night does it, or `ganbo warehouse export`."""

    code = "warehouse.not_filled"


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A business's files as one export left them. The next export may remove some of them: then open it again."""

    folder: Path
    manifest: Manifest

    @property
    def taken_at(self) -> datetime:
        """The instant it shows."""
        return datetime.fromisoformat(self.manifest.taken_at)

    @property
    def zone(self) -> ZoneInfo:
        """Whose clocks its days follow."""
        return ZoneInfo(self.manifest.source["zone"])

    def paths(self, table: str) -> list[str]:
        """The files of a table; none while it has no rows."""
        return [str(self.folder / part.path) for part in self.manifest.parts(table)]

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        return sum(part.rows for part in self.manifest.parts(table))


def opened(warehouse: Path, slug: str) -> Warehouse | None:
    """The warehouse of a business; None before its first export."""
    folder = manifests.folder_of(warehouse, slug)
    found = manifests.read(folder)
    return Warehouse(folder, found) if found else None
