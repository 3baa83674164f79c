"""The people of members' households as statements of trip one, and the rows they bring."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from ganbo.foundation.pipelines import Row


@dataclass(frozen=True, slots=True)
class Household:
    """Who spends together: (member, role) in the order of their ids."""

    id: UUID
    people: tuple[tuple[UUID, str], ...]

    def role(self, member: UUID) -> str:
        """The member's role in it."""
        return dict(self.people)[member]


def with_people(schema: str) -> str:
    """Continues `WITH asked AS (kind, value, id)`: `who` is the asked and everybody in a household with them, by id."""
    return (
        ", who AS MATERIALIZED (SELECT kind, value, id FROM asked UNION"
        " SELECT 'id', p.member_id::text, p.member_id FROM asked"
        f' JOIN "{schema}".households_person h ON h.member_id = asked.id AND h.left_at IS NULL'
        f' JOIN "{schema}".households_person p ON p.household_id = h.household_id AND p.left_at IS NULL) '
    )


def people_of(schema: str, who: str) -> str:
    """Who of `who` is in which household."""
    return (
        who + "SELECT p.household_id, p.member_id, p.role FROM (SELECT DISTINCT id FROM who) w"
        f' JOIN "{schema}".households_person p ON p.member_id = w.id AND p.left_at IS NULL'
        " ORDER BY p.household_id, p.member_id"
    )


def of_rows(rows: list[Row], *, only: Collection[UUID]) -> list[Household]:
    """The households of `people_of`, with those of their people who are in `only`."""
    found: dict[UUID, list[tuple[UUID, str]]] = {}
    for household, member, role in rows:
        if UUID(member) in only:
            found.setdefault(UUID(household), []).append((UUID(member), str(role)))
    return [Household(id, tuple(people)) for id, people in found.items()]
