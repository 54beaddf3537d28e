"""Why a request has no values."""

from dataclasses import dataclass

from webmacs_controller.sdk import Quality


@dataclass(frozen=True, slots=True)
class Fault:
    """`answered`: the device said so itself. `divisible`: a shorter request might succeed."""

    words: str
    quality: Quality
    answered: bool = False
    divisible: bool = False


class RequestError(Exception):
    """A request came to nothing; the connection may go on."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.words)
        self.fault = fault


SILENCE = Fault("no answer", Quality.COMMUNICATION)
CUT = Fault("the connection was cut during the request", Quality.COMMUNICATION)
UNREADABLE = Fault("an answer that cannot be decoded", Quality.COMMUNICATION)

EXCEPTIONS = {
    1: ("illegal function", Quality.CONFIGURATION),
    2: ("illegal data address", Quality.CONFIGURATION),
    3: ("illegal data value", Quality.CONFIGURATION),
    4: ("device failure", Quality.SENSOR_FAULT),
    5: ("accepted, not done yet", Quality.COMMUNICATION),
    6: ("device busy", Quality.COMMUNICATION),
    7: ("not acknowledged", Quality.COMMUNICATION),
    8: ("memory parity error", Quality.SENSOR_FAULT),
    10: ("gateway path unavailable", Quality.NOT_CONNECTED),
    11: ("the device behind the gateway does not answer", Quality.NOT_CONNECTED),
}
DIVISIBLE = (2, 3)
"""One register that is not there makes a device refuse all that are asked for together with it."""


def refusal(code: int) -> Fault:
    """The device's exception response."""
    words, quality = EXCEPTIONS.get(code, ("unknown exception", Quality.BAD))
    return Fault(f"{words} (exception {code})", quality, answered=True, divisible=code in DIVISIBLE)


def garbled(words: str) -> Fault:
    """An answer that is not one to the request."""
    return Fault(words, Quality.COMMUNICATION)
