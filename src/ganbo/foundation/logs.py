"""How log lines look: one line for people, or one JSON object a line for machines; both name the business."""

import logging
from typing import Any

import structlog

_SECRETS = ("password", "token", "code", "secret", "phone", "email")


def _business(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The business the code was working for, when there was one."""
    from ganbo.foundation.tenancy import context  # logging is set up before there are models

    found = context.current_or_none()
    if found is not None:
        event["business"] = found.slug
    return event


def _discreet(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Fields that would say who somebody is, or let somebody in, are never logged."""
    for name in _SECRETS:
        if name in event:
            event[name] = "…"
    return event


def formatter(kind: str) -> logging.Formatter:
    """`line` or `json`, for every logger of the standard library."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.ExtraAdder(),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _business,
        _discreet,
    ]
    end: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if kind == "json":
        end += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        plain = structlog.dev.plain_traceback  # a rich one shows local names, and passwords among them
        end += [structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, exception_formatter=plain)]
    return structlog.stdlib.ProcessorFormatter(processors=end, foreign_pre_chain=shared)
