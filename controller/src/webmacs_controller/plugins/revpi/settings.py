"""What is set for the plugin `revpi`. What is wrong with it at this machine is found in `selection.py`."""

from dataclasses import dataclass
from typing import Annotated, Literal

from webmacs_controller.sdk import setting

Name = Annotated[str, setting("As piCtory calls it", min_length=1, max_length=100)]


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What is to be otherwise than piCtory and the module say, for one input or output."""

    io: Annotated[str, setting("Its name in piCtory, or as core.a1green", min_length=1, max_length=100)]
    name: Annotated[str, setting("For people; empty: the comment in piCtory, else the name there", max_length=255)] = ""
    unit: Annotated[str, setting("Unit of the value; empty: what the module gives", max_length=50)] = ""
    scale: Annotated[float, setting("Value = what the process image has * scale + offset")] | None = None
    offset: Annotated[float, setting("Added after scaling")] | None = None
    min: Annotated[float, setting("Of the value; none: what the module can give")] | None = None
    max: Annotated[float, setting("Of the value; none: what the module can give")] | None = None
    safe_value: Annotated[float, setting("What an output is set to when nobody controls it; none: 0")] | None = None


@dataclass(frozen=True, slots=True)
class RevPiConfig:
    """Which inputs and outputs of the rail become channels."""

    select: Annotated[
        Literal["exported", "all", "listed"],
        setting("What becomes a channel: what piCtory exports, all, or only what is listed here"),
    ] = "exported"
    devices: Annotated[tuple[Name, ...], setting("Only of these devices, by name or position; none: of all")] = ()
    outputs: Annotated[
        tuple[Name, ...], setting("Which outputs can be set, as O_1 or core.a1green; others are only read")
    ] = ()
    channels: Annotated[tuple[ChannelSettings, ...], setting("What is otherwise than piCtory says")] = ()
    watchdog: Annotated[bool, setting("Feed the watchdog of the base module while all is well")] = False
    pictory_file: Annotated[str, setting("What piCtory has saved; empty: where it saves it", max_length=1000)] = ""
    process_image: Annotated[str, setting("The driver's device", min_length=1, max_length=1000)] = "/dev/piControl0"
