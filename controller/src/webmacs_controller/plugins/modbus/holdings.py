"""What only one instance may have."""

from webmacs_controller.plugins.modbus.conversion import width
from webmacs_controller.plugins.modbus.grouping import unit_of
from webmacs_controller.plugins.modbus.settings import ModbusConfig
from webmacs_controller.sdk.devices import serial_line


def held_by(config: ModbusConfig) -> set[str]:
    """Also of a register of which only a bit is driven: it may have to be read and written as a whole."""
    if config.transport == "rtu":
        return {serial_line(config.serial_port)}
    return {
        f"{channel.table.replace('_', ' ')} {address} of unit {unit_of(channel, config.unit_id)} at {place}"
        for place in [f"{config.host.casefold()}:{config.port}"]
        for channel in config.channels
        if channel.direction == "output"
        for address in range(channel.address, channel.address + width(channel.type))
    }
