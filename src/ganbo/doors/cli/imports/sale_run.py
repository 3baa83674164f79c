"""A sales file's orders into the books, or what would come of them: chunk by chunk, whoever the buyers are."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from uuid import UUID

import polars as pl

from ganbo.books.events.bills import Bill
from ganbo.books.events.reading import EventRequest, FieldsRefused
from ganbo.doors.cli.imports import buyers, sale_rows
from ganbo.doors.cli.imports.buyers import Buyers
from ganbo.engine.programme import Programme
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.insights.look.reading import Reading
from ganbo.journeys import import_sales
from ganbo.journeys.import_sales import NotTaken, Outlook
from ganbo.journeys.record_events import Asked

Heard = Callable[[int, int], None]


@dataclass
class Run:
    """One file: as it was read, for whom and how; `unknown`: leave, anonymous or enrol."""

    reading: Reading
    programme: Programme
    asked: Asked
    unknown: str
    outlook: Outlook = field(default_factory=Outlook)

    def write(self, heard: Heard) -> Outlook:
        """Record everything, in order of time."""
        lines = sale_rows.sorted_lines(self.reading)
        who = self._buyers(lines, write=True)
        with closing(Pipeline.open(**connection_parameters())) as pipe:
            for chunk in import_sales.chunks(self._made(lines, who, heard)):
                import_sales.bring_in(pipe, self.asked, chunk, self.outlook)
        return self.outlook

    def foresee(self, heard: Heard) -> Outlook:
        """Say what would come; what the sales would give is judged member by member."""
        lines = sale_rows.sorted_lines(self.reading)
        who = self._buyers(lines, write=False)
        by_member = sale_rows.by_member(lines, who.of)
        for chunk in import_sales.whole_members(self._made(by_member, who, heard)):
            import_sales.look(chunk, self.outlook)
            if not self.asked.history:
                members = {UUID(request.member[1]) for request in chunk if request.member}
                new = {member: who.new[member] for member in members & who.new.keys()}
                import_sales.foresee(self.asked, chunk, new, self.outlook)
        return self.outlook

    def _buyers(self, lines: pl.DataFrame, *, write: bool) -> Buyers:
        region, zone = self.asked.business.country, self.programme.timezone
        if self.unknown != "enrol":
            return buyers.found(lines, region)
        found = buyers.enrolled(lines, region=region, zone=zone, write=write, now=self.asked.now)
        self.outlook.counts["enrolled"] = found.enrolled
        return found

    def _made(self, lines: pl.DataFrame, who: Buyers, heard: Heard) -> Iterator[list[EventRequest]]:
        """Each order's events; what cannot be one is noted."""
        orders = self.reading.orders.height
        bills = sale_rows.bills(lines, sale_rows.shops(), zone=self.programme.timezone)
        for done, (cell, bill) in enumerate(bills, 1):
            if cell is not None and cell not in who.of and self.unknown != "anonymous":
                self.outlook.refused.append(NotTaken(bill.order_id, "unknown_member", cell))
            else:
                yield self._events(bill, cell, who)
            heard(done, max(orders, done))

    def _events(self, bill: Bill, cell: str | None, who: Buyers) -> list[EventRequest]:
        member = who.of.get(cell) if cell is not None else None
        currency, region = self.programme.currency, self.asked.business.country
        try:
            made = import_sales.events(bill, member, currency=currency, region=region)
        except FieldsRefused as refusal:
            fields = ", ".join(problem.field for problem in refusal.problems)
            self.outlook.refused.append(NotTaken(bill.order_id, "bad_sale", fields))
            return []
        if not made:
            self.outlook.refused.append(NotTaken(bill.order_id, "only_returns"))
        return made
