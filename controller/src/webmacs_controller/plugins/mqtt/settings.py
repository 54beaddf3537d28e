"""What is set for the plugin `mqtt`. What a JSON Schema cannot say is in `checks.py`."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from webmacs_controller.sdk import setting


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """One quantity, and the topics that carry it."""

    id: Annotated[str, setting("Stays the same for ever", min_length=1, max_length=100)]
    unit: Annotated[str, setting("Unit of the value, as °C; on/off of a switch", min_length=1, max_length=50)]
    min: Annotated[float, setting("Lowest value that the quantity can have")]
    max: Annotated[float, setting("Highest value that the quantity can have")]
    topic: Annotated[str, setting("Where its value is told; of an output, by the device", max_length=1000)] = ""
    path: Annotated[str, setting("Where in a JSON payload, as $.sensors[0].t; empty: all of it", max_length=500)] = ""
    name: Annotated[str, setting("For people; empty: the id", max_length=255)] = ""
    on: Annotated[str, setting("The text that means 1", max_length=100)] = "ON"
    off: Annotated[str, setting("The text that means 0", max_length=100)] = "OFF"
    max_age_seconds: (
        Annotated[
            float, setting("Without news for longer the value is bad; none: it stays", unit="s", gt=0, le=604_800)
        ]
        | None
    ) = None
    qos: Annotated[Literal[0, 1, 2], setting("At most, at least or exactly once")] = 0
    direction: Annotated[Literal["input", "output"], setting("An output can be set, and is read back")] = "input"
    safe_value: Annotated[float, setting("What an output is set to when nobody controls it")] | None = None
    command_topic: Annotated[str, setting("Where an output is set", max_length=1000)] = ""
    command_payload: Annotated[
        str, setting("What sets it; {value} is the number, {word} the text for on or off", max_length=1000)
    ] = "{value}"
    retain: Annotated[bool, setting("The broker keeps the last command for a device that comes later")] = False


@dataclass(frozen=True, slots=True)
class MqttConfig:
    """A broker, and the channels there."""

    host: Annotated[str, setting("Name or address of the broker", min_length=1, max_length=255)]
    channels: Annotated[
        tuple[ChannelSettings, ...], setting("What to listen to and to set", min_length=1, max_length=5000)
    ]
    port: Annotated[int, setting("Of the broker; with TLS mostly 8883", ge=1, le=65535)] = 1883
    tls: Annotated[bool, setting("Encrypt, and check the broker's certificate")] = False
    ca_file: Annotated[str, setting("Certificates to trust; empty: those of the machine", max_length=1000)] = ""
    username: Annotated[str, setting("Empty: none", max_length=1000)] = ""
    password: Annotated[str, setting("Of the user", secret=True, max_length=1000)] = field(default="", repr=False)
    client_id: Annotated[str, setting("Of no other client of the broker; empty: a random one", max_length=200)] = ""
    status_topic: Annotated[
        str,
        setting("Retained: online, and offline when it leaves; the broker says so if it vanishes", max_length=1000),
    ] = ""
    keepalive_seconds: Annotated[
        int, setting("A broker silent for one and a half times as long is gone", unit="s", ge=2, le=3600)
    ] = 15
    timeout_seconds: Annotated[float, setting("For each answer of the broker", unit="s", ge=0.1, le=10)] = 5.0
    confirm_seconds: Annotated[
        float, setting("For an output to tell that it has the value", unit="s", ge=0.1, le=10)
    ] = 1.0
