"""The process image of piControl, as revpimodio2 reads and writes it. Blocking; called from one thread."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import revpimodio2  # type: ignore[import-untyped]  # it has no types

from webmacs_controller.plugins.revpi.bases import PREFIX
from webmacs_controller.plugins.revpi.selection import Line
from webmacs_controller.sdk import PluginError

RUNNING = 0x01
"""Bit of the base module's status: the driver exchanges values with the modules."""


class Image:
    """Opened for reading, which changes nothing; what writes is made with the first writing. Raises PluginError."""

    def __init__(self, process_image: str, pictory_file: Path, lines: Sequence[Line]) -> None:
        self._process_image = process_image
        self._pictory_file = pictory_file
        self._signed = [line.io for line in lines if line.signal.signed]
        self._reader = self._open(monitoring=True)
        self._sizes = {device.position: device.length for device in self._reader.device}
        self._writer: Any = None

    def close(self) -> None:
        """Let go of the driver. Outputs stay as they are."""
        for opened in (self._reader, self._writer):
            if opened is not None:
                opened.cleanup()

    def refresh(self) -> None:
        """Take all values from the driver now."""
        self._read(self._reader)
        if any(device.length != self._sizes[device.position] for device in self._reader.device):
            raise PluginError(f"{self._process_image} is shorter than what piCtory has configured")
        if not self.status() & RUNNING:
            raise PluginError("piControl does not run: nobody reads the modules")

    def status(self) -> int:
        """Of the base module; one that has no status is well."""
        return int(getattr(self._reader.core, "status", RUNNING))

    def number(self, line: Line) -> int:
        """As it was at `refresh`."""
        return int(_io(self._reader, line.io).value)

    def bytes_of(self, line: Line) -> bytes:
        """All of its device, as they were at `refresh`."""
        return bytes(self._reader.device[line.position])

    def write(self, line: Line, number: int) -> None:
        """One output, and nothing beside it."""
        writer = self._writing()
        io = _io(writer, line.io)
        io.value = bool(number) if isinstance(io.value, bool) else number
        self._flush(writer.device[line.position])

    def feed(self) -> None:
        """Toggle the bit of the watchdog, from what it is now."""
        writer = self._writing()
        self._read(writer)
        writer.core.wd_toggle()
        self._flush(writer.core)

    def _open(self, **how: bool) -> Any:
        try:
            opened = revpimodio2.RevPiModIO(
                procimg=self._process_image, configrsc=str(self._pictory_file), debug=False, **how
            )
            for name in self._signed:
                opened.io[name].signed = True
        except OSError as error:
            raise PluginError(f"{self._process_image} cannot be opened: {error.strerror}") from None
        except Exception as error:  # whatever it finds wrong with what piCtory has saved
            raise PluginError(f"revpimodio2 does not take {self._pictory_file}: {error!r}") from error
        return opened

    def _writing(self) -> Any:
        if self._writer is None:
            self._writer = self._open(shared_procimg=True)
        return self._writer

    def _read(self, opened: Any) -> None:
        if not opened.readprocimg():
            raise PluginError(f"{self._process_image} cannot be read")

    def _flush(self, device: Any) -> None:
        if not device.writeprocimg():
            raise PluginError(f"{self._process_image} cannot be written")


def _io(opened: Any, name: str) -> Any:
    """Raises what revpimodio2 raises for a name that it does not have."""
    return getattr(opened.core, name.removeprefix(PREFIX)) if name.startswith(PREFIX) else opened.io[name]
