"""A measured value on its way to the server."""

from datetime import datetime
from typing import NamedTuple

Source = tuple[str, str]
"""The name of an instance and the id of one of its channels; on the way to the server, `InstanceSettings.key` and that
id."""


class Point(NamedTuple):
    """`timestamp` is the moment of measuring, in UTC if the clock was set (`Clock.now`); `quality` as OPC has it."""

    source: Source
    value: float
    timestamp: datetime
    quality: int
