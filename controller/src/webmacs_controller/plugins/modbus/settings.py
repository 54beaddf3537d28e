"""What is set for the plugin `modbus`. What a JSON Schema cannot say is in `checks.py`."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from webmacs_controller.sdk import setting

Table: TypeAlias = Literal["holding_register", "input_register", "coil", "discrete_input"]
Type: TypeAlias = Literal["int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "bit", "bool"]
Order: TypeAlias = Literal["big", "little"]


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """One quantity of the device, and where it lies there."""

    id: Annotated[str, setting("Stays the same for ever", min_length=1, max_length=100)]
    unit: Annotated[str, setting("Unit of the value, as °C; on/off of a bit", min_length=1, max_length=50)]
    table: Annotated[Table, setting("Where the device has it; only holding registers and coils can be set")]
    address: Annotated[int, setting("As the protocol counts, from 0: 40001 in a manual is 0", ge=0, le=65535)]
    type: Annotated[Type, setting("A bool is a coil, a discrete input or a register that is 0 or not")]
    name: Annotated[str, setting("For people; empty: the id", max_length=255)] = ""
    bit: Annotated[int, setting("Which bit of the register, for the type bit; 0 is the lowest", ge=0, le=15)] = 0
    byte_order: Annotated[Order, setting("Within a register; big is what the standard says")] = "big"
    word_order: Annotated[Order, setting("Of the registers of a value; big: the highest comes first")] = "big"
    scale: Annotated[float, setting("Value = what the device has * scale + offset")] = 1.0
    offset: Annotated[float, setting("Added after scaling")] = 0.0
    min: Annotated[float, setting("Of the value; none: what type and scale can give")] | None = None
    max: Annotated[float, setting("Of the value; none: what type and scale can give")] | None = None
    direction: Annotated[Literal["input", "output"], setting("An output can be set, and is read back")] = "input"
    safe_value: Annotated[float, setting("What an output is set to when nobody controls it")] | None = None
    unit_id: Annotated[int, setting("Another device on the same line or gateway", ge=0, le=255)] | None = None


@dataclass(frozen=True, slots=True)
class ModbusConfig:
    """A device, or a line of devices, and its channels."""

    channels: Annotated[tuple[ChannelSettings, ...], setting("What to read and to set", min_length=1, max_length=5000)]
    transport: Annotated[Literal["tcp", "rtu"], setting("Over a network, or a serial line")] = "tcp"
    host: Annotated[str, setting("Name or address of the device or gateway, for tcp", max_length=255)] = ""
    port: Annotated[int, setting("For tcp", ge=1, le=65535)] = 502
    serial_port: Annotated[str, setting("As /dev/ttyUSB0, for rtu", max_length=255)] = ""
    baud_rate: Annotated[int, setting("For rtu", ge=300, le=4_000_000)] = 19200
    parity: Annotated[Literal["even", "odd", "none"], setting("For rtu")] = "even"
    stop_bits: Annotated[Literal[1, 2], setting("For rtu")] = 1
    unit_id: Annotated[int, setting("Of the device; on a serial line 1 to 247", ge=0, le=255)] = 1
    timeout_seconds: Annotated[float, setting("For one answer", unit="s", ge=0.05, le=10)] = 1.0
    retries: Annotated[int, setting("After an answer that did not come", ge=0, le=5)] = 1
    max_registers: Annotated[int, setting("Of one request", ge=1, le=125)] = 125
    max_bits: Annotated[int, setting("Coils or discrete inputs of one request", ge=1, le=2000)] = 2000
    max_gap: Annotated[
        int, setting("As many that nobody wants are read along to save a request; 0 if there are holes", ge=0, le=1000)
    ] = 0
