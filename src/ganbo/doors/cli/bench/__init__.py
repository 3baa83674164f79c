"""`ganbo bench`: the hot path over HTTP beside PostgreSQL's own limit for the same rows, measured in the same minute."""

from ganbo.doors.cli.bench.command import bench

__all__ = ["bench"]
