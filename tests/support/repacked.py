"""Wheels of what is installed here, so that a bundle can be made without a network."""

import re
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

CONTROLLER = Path(__file__).parents[2] / "controller"


def repack_controller_needs(folder: Path) -> None:
    """All that the controller's locks name, into this folder."""
    for lock in sorted(CONTROLLER.glob("requirements*.lock")):
        for name in re.findall(r"^([A-Za-z0-9_.-]+)==", lock.read_text(), re.MULTILINE):
            _repack(distribution(name), folder)


def _repack(installed: Distribution, folder: Path) -> None:
    info = next(file.parts[0] for file in installed.files or () if file.parts[0].endswith(".dist-info"))
    tags = re.findall(r"^Tag: (\S+)$", installed.read_text("WHEEL") or "", re.MULTILINE)
    tag = tags[0] if len(tags) == 1 else "-".join(".".join(sorted(part)) for part in _joined(tags))
    with zipfile.ZipFile(folder / f"{info.removesuffix('.dist-info')}-{tag}.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        for file in installed.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts and file.name not in ("INSTALLER", "RECORD"):
                wheel.write(Path(str(file.locate())), str(file))


def _joined(tags: list[str]) -> list[set[str]]:
    return [set(parts) for parts in zip(*(tag.split("-") for tag in tags), strict=True)]
