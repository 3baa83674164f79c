"""What changes for members from one programme to another: added, removed, changed, and whether that is better or worse."""

from ganbo.engine.comparing.parts import changes, steps, worse
from ganbo.engine.comparing.verdicts import Change

__all__ = ["Change", "changes", "steps", "worse"]
