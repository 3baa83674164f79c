"""All checks over one programme, worst first."""

from ganbo.engine.advice import costs, instants, logic, promises, proving, thresholds
from ganbo.engine.advice.assuming import Assumptions, typical
from ganbo.engine.advice.finding import SEVERITIES, Finding
from ganbo.engine.programme import Programme
from ganbo.engine.text import Placed


def look(programme: Programme, assumed: Assumptions | None = None) -> tuple[Finding, ...]:
    """Every finding, the gravest first, then by line. The same programme and assumptions give the same findings."""
    member = typical(programme, assumed or Assumptions())
    found = [
        *costs.findings(programme, member),
        *promises.findings(programme, member),
        *thresholds.findings(programme, member),
        *instants.findings(programme, member.assumed),
        *logic.findings(programme),
        *proving.findings(programme),
    ]
    placed = Placed(programme.source)
    findings = [
        Finding(one.code, ".".join(str(p) for p in one.path), placed.place(one.path)[0], one.severity, one.params)
        for one in found
    ]
    return tuple(sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), f.line, f.code)))
