"""What the text of the project keeps to."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 120
SOURCES = {
    "SQL": ["db/*.sql", "src/**/*.sql"],
    "Python": ["*.py", "bench/**/*.py", "controller/src/**/*.py", "src/**/*.py", "tests/**/*.py"],
    "Markdown": ["*.md", "controller/*.md", "docs/**/*.md", "frontend/*.md"],
}


@pytest.mark.parametrize("language", SOURCES)
def test_lines_fit_the_width(language: str) -> None:
    files = [file for pattern in SOURCES[language] for file in ROOT.glob(pattern)]
    assert files
    assert [place for file in files for place in _too_long(file)] == []


def _too_long(file: Path) -> list[str]:
    name = file.relative_to(ROOT).as_posix()
    lines = file.read_text().splitlines()
    return [f"{name}:{number}" for number, line in enumerate(lines, 1) if len(line) > LONGEST]


def test_no_two_migrations_have_one_number() -> None:
    numbers = [file.name[:4] for file in ROOT.glob("db/migrations/*.sql")]
    assert sorted(numbers) == sorted(set(numbers))
