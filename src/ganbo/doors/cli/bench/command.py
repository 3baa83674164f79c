"""The command itself."""


def bench() -> None:
    """Measure."""
