"""How the log is written: for people or for programs, ours and that of our libraries alike."""

import logging
import sys

import structlog

from greenroom.config import LogSettings


def configure_logs(settings: LogSettings) -> None:
    """Write the log to standard error in one form, with the trace that each line belongs to."""
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render = _for_programs() if settings.format == "json" else _for_people()
    structlog.configure(
        processors=[*shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    plain = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=plain, foreign_pre_chain=shared))
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)


# Both of structlog's own ways to write a traceback show the values of local variables: tokens, and what people said.


def _for_programs() -> list[structlog.typing.Processor]:
    as_dict = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [structlog.processors.ExceptionRenderer(as_dict), structlog.processors.JSONRenderer()]


def _for_people() -> list[structlog.typing.Processor]:
    """Values are written as Python writes them, so that no text from outside can move the cursor of a terminal."""
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, repr_native_str=True
        )
    ]
