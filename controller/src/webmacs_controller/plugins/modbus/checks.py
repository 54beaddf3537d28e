"""What is wrong with settings beyond what their schema says, and the channels that they describe."""

from webmacs_controller.plugins.modbus.conversion import encode, is_float, limits, scaled, width
from webmacs_controller.plugins.modbus.grouping import is_register, unit_of
from webmacs_controller.plugins.modbus.settings import ChannelSettings, ModbusConfig
from webmacs_controller.sdk import ON_OFF, Channel, ConfigError, Direction

WRITABLE = ("holding_register", "coil")
ADDRESSES = 65536
SERIAL_UNITS = range(1, 248)

LONGEST_WAIT = 10.0
"""Seconds for one request: the controller gives a reading 30."""


def channels_of(config: ModbusConfig) -> list[Channel]:
    """Raises ConfigError."""
    _check_connection(config)
    return [_channel(settings, config, f"channels[{number}]") for number, settings in enumerate(config.channels)]


def _check_connection(config: ModbusConfig) -> None:
    if config.transport == "tcp" and not config.host:
        raise ConfigError("host: is missing, tcp needs the address of the device")
    if config.transport == "rtu" and not config.serial_port:
        raise ConfigError("serial_port: is missing, rtu needs the serial line of the device")
    if config.timeout_seconds * (config.retries + 1) > LONGEST_WAIT:
        raise ConfigError(f"timeout_seconds: may be {LONGEST_WAIT:g} s at most, all tries together")


def _channel(settings: ChannelSettings, config: ModbusConfig, where: str) -> Channel:
    _check_place(settings, config, where)
    low, high = _range(settings, where)
    try:
        channel = Channel(
            settings.id,
            settings.name or settings.id,
            settings.unit,
            low,
            high,
            Direction(settings.direction),
            settings.safe_value if settings.direction == "output" else None,
            ON_OFF if settings.type in ("bit", "bool") else None,
        )
        if channel.direction is Direction.OUTPUT:
            _check_output(settings, channel)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from None
    return channel


def _check_place(settings: ChannelSettings, config: ModbusConfig, where: str) -> None:
    registers = is_register(settings.table)
    if not registers and settings.type != "bool":
        raise ConfigError(f"{where}.type: must be bool, all that a {settings.table} can be")
    if settings.address + width(settings.type) > ADDRESSES:
        raise ConfigError(f"{where}.address: the last register of a {settings.type} would lie beyond {ADDRESSES - 1}")
    if registers and width(settings.type) > config.max_registers:
        raise ConfigError(
            f"max_registers: {where} is of {width(settings.type)} registers, more than a request may have"
        )
    if config.transport == "rtu" and unit_of(settings, config.unit_id) not in SERIAL_UNITS:
        raise ConfigError(f"{where}.unit_id: must be 1 to 247 on a serial line")
    if settings.scale == 0:
        raise ConfigError(f"{where}.scale: must not be 0")


def _range(settings: ChannelSettings, where: str) -> tuple[float, float]:
    if is_float(settings.type):
        if settings.min is None or settings.max is None:
            raise ConfigError(f"{where}: a {settings.type} needs min and max, its type says nothing of its range")
        return settings.min, settings.max
    low, high = sorted(scaled(raw, settings) for raw in limits(settings.type))
    return low if settings.min is None else settings.min, high if settings.max is None else settings.max


def _check_output(settings: ChannelSettings, channel: Channel) -> None:
    """Raises ValueError."""
    if settings.table not in WRITABLE:
        raise ValueError(f"a {settings.table} cannot be an output, only {' and '.join(WRITABLE)} can be set")
    if settings.type == "bool" and is_register(settings.table):
        raise ValueError("a bool in a register cannot be an output, as it says only that the register is not 0")
    for value in (channel.min, channel.max, channel.safe_value):
        if value is not None:
            encode(value, settings)
