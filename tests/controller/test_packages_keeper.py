"""What is wanted, refused, and wanted once more."""

import asyncio
from pathlib import Path

import msgspec
from webmacs_controller.packages.download import Source
from webmacs_controller.packages.installer import Installer
from webmacs_controller.packages.keeper import Hooks, Keeper
from webmacs_controller.packages.package import Package, Trust
from webmacs_controller.packages.shelf import Shelf
from webmacs_controller.packages.signature import read_key

from tests.controller.wheelhouse import TOKEN, wheelhouse
from tests.support.packages import Signer, file_name, wheel


async def test_what_is_signed_afterwards_is_installed(tmp_path: Path) -> None:
    signer, content, states = Signer(), wheel(), asyncio.Queue[str]()

    async def added() -> None:
        pass

    def changed() -> None:
        for report in keeper.report():
            states.put_nowait(report.problem or report.state)

    with wheelhouse() as house:
        shelf = Shelf(tmp_path / "plugins")
        trust = Trust([read_key(signer.line)], False)
        keeper = Keeper(
            shelf, Installer(shelf, Source(house.url, lambda: TOKEN), trust, 1), Hooks(changed, added, lambda: None)
        )
        unsigned = Package("lab-lamp", "1.0", file_name(), len(content), house.put(content))
        task = asyncio.create_task(keeper.run())
        try:
            keeper.want([unsigned])
            assert await states.get() == "installing"
            assert (await states.get()).startswith("It is not signed")
            keeper.want([msgspec.structs.replace(unsigned, signature=signer.sign(content))])
            async with asyncio.timeout(20):
                assert [await states.get(), await states.get()] == ["installing", "installed"]
        finally:
            task.cancel()
            keeper.stop()
            shelf.deactivate()
