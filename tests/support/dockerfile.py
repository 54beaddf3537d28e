"""Dockerfile and Compose file of `docker/`, read."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
INSTRUCTION = re.compile(r"(?m)^(FROM|RUN|COPY|WORKDIR|ENV|USER|CMD) ((?:.*\\\n)*.*)$")

Compose = dict[str, Any]


@dataclass(frozen=True)
class Instruction:
    """Such as RUN and what follows it, in one line."""

    keyword: str
    text: str

    @property
    def words(self) -> list[str]:
        """Without its options."""
        return [word for word in self.text.split() if not word.startswith("--")]

    @property
    def stage(self) -> str | None:
        """From which stage something is copied, if from one."""
        found = re.search(r"--from=(\S+)", self.text)
        return found[1] if found else None


def dockerfile() -> str:
    return (DOCKER / "Dockerfile").read_text()


def instructions() -> list[Instruction]:
    """All, in order."""
    return [Instruction(keyword, text.replace("\\\n", " ")) for keyword, text in INSTRUCTION.findall(dockerfile())]


def stages() -> dict[str, list[Instruction]]:
    """Of each stage its instructions, FROM first."""
    found: dict[str, list[Instruction]] = {}
    name = ""
    for instruction in instructions():
        if instruction.keyword == "FROM":
            name = instruction.words[-1]
        found.setdefault(name, []).append(instruction)
    return found


def compose() -> Compose:
    read: Compose = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    return read
