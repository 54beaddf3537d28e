"""A RevPi Connect with DIO, AIO and MIO as a file: what piControl would have in its process image."""

import shutil
import struct
from pathlib import Path
from typing import Any

from webmacs_controller.plugins.revpi import RevPiConfig, RevPiPlugin
from webmacs_controller.sdk.config import read_config

PICTORY = Path(__file__).parent / "config.rsc"

SIZE = 4096
DIO, AIO, MIO = 11, 124, 213
"""Where the modules begin."""

LED = 6
RUNNING = 0x01


class Rail:
    """The files in `folder`, and what a module would write into them. Numbers are as the modules give them."""

    def __init__(self, folder: Path) -> None:
        self.pictory = folder / "config.rsc"
        self.image = folder / "piControl0"
        shutil.copy(PICTORY, self.pictory)
        self.image.write_bytes(bytes(SIZE))
        self.put(0, "B", RUNNING)
        self.put(AIO, "<h", 12_000)  # both have a live zero
        self.put(AIO + 22, "<h", 4_000)

    def put(self, at: int, form: str, number: int) -> None:
        """As the driver does, without a moment at which the image is not whole."""
        with self.image.open("r+b") as file:
            file.seek(at)
            file.write(struct.pack(form, number))

    def get(self, at: int, form: str) -> int:
        """What would be sent to a module."""
        (number,) = struct.unpack_from(form, self.image.read_bytes(), at)
        return int(number)

    def config(self, **settings: Any) -> RevPiConfig:
        """Settings for this rail."""
        files = {"pictory_file": str(self.pictory), "process_image": str(self.image)}
        return read_config(RevPiConfig, files | settings, "config")

    def plugin(self, **settings: Any) -> RevPiPlugin:
        """Not connected."""
        return RevPiPlugin(self.config(**settings))

    def lose(self) -> None:
        """The driver ends."""
        self.put(0, "B", 0)


async def values(plugin: RevPiPlugin) -> dict[str, tuple[float, int]]:
    """Value and quality of each channel."""
    return {sample.channel_id: (sample.value, sample.quality) for sample in await plugin.read()}
