"""The settings that the documents show are taken as they stand."""

import tomllib
from pathlib import Path

import pytest
from webmacs_controller.sdk import SequencePlugin
from webmacs_controller.sdk.discovery import create

DOCUMENTS = sorted((Path(__file__).parents[2] / "docs/plugins").glob("*.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_the_example_of_a_document_is_allowed(document: Path) -> None:
    example = document.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    (instance,) = tomllib.loads(example)["instances"]
    plugin = create(instance["plugin"], instance["config"], "instances[1]")
    assert plugin.meta.id == document.stem
    directions = {channel.direction for channel in plugin.demo_channels()}
    assert directions == ({"output"} if isinstance(plugin, SequencePlugin) else {"input", "output"})
