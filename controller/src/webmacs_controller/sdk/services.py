"""What the controller does for a sequence, beside what it does for every plugin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from webmacs_controller.sdk.errors import PluginError
from webmacs_controller.sdk.setting import setting


@dataclass(frozen=True, slots=True)
class Output:
    """An output of another instance, as a setting names it. The controller refuses one that does not exist."""

    instance: Annotated[str, setting("Name of the plugin instance on the same controller.", min_length=1)]
    channel: Annotated[str, setting("Its output, by its id.", min_length=1)]

    def __str__(self) -> str:
        return f"{self.instance}/{self.channel}"


class Hold(Protocol):
    """Outputs that a sequence drives, and nobody else. It is lost when a person or a rule commands one of them, their
    instance does not run, or an interlock does not allow it any more."""

    async def set(self, output: Output, value: float) -> None:
        """As a command is carried out: range and interlocks are checked, the value is read back, and told at once.

        Raises PluginError with why it is not set, or may not be.
        """

    async def until(self, moment: float) -> None:
        """Wait until the event loop's clock says so. Raises PluginError as soon as the hold is lost."""

    async def release(self, *, finished: bool) -> None:
        """Let go. The outputs stay as they are if the course has `finished`, else they go to their safe values, but
        for what somebody has commanded. Raises PluginError if one did not get there; that is tried on."""


class Services(Protocol):
    """Of one instance."""

    def take(self, outputs: Sequence[Output]) -> Hold:
        """Raises PluginError with why they cannot be driven now."""

    async def remembered(self) -> Mapping[str, float]:
        """The set points that were chosen last, by channel, also before the last start."""

    async def remember(self, channel_id: str, value: float) -> None:
        """The set point survives from now on. Raises PluginError."""

    def read_soon(self) -> None:
        """What is read has changed: it is read now, not only at the next interval."""


class NoServices:
    """Where only one plugin is looked at: it has its channels, and drives nothing."""

    def take(self, outputs: Sequence[Output]) -> Hold:
        """Raises PluginError."""
        raise PluginError("a sequence drives other instances only while the controller runs")

    async def remembered(self) -> Mapping[str, float]:
        """Nothing."""
        return {}

    async def remember(self, channel_id: str, value: float) -> None:
        """Does not."""

    def read_soon(self) -> None:
        """Nobody reads."""
