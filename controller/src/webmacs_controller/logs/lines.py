"""A message is one line, whatever somebody put into it."""

import logging


class OneLine(logging.Formatter):
    """Only a trace has more lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of logging
        """The line."""
        record.message = in_one_line(record.message)
        return super().formatMessage(record)


def in_one_line(text: str) -> str:
    """What does not print as Python writes it."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
