"""The page's forms are tried with what the shipped plugins really say of their settings."""

import json
import os
from pathlib import Path

from webmacs_controller.sdk.discovery import survey

FILE = Path(__file__).parents[2] / "frontend/src/shared/form/shipped-schemas.json"
SHIPPED = {"simulated", "system", "revpi", "modbus", "mqtt", "valve_cycling"}


def test_they_are_up_to_date() -> None:
    schemas = {one.id: one.schema for one in survey().usable if one.id in SHIPPED}
    assert schemas.keys() == SHIPPED
    if os.environ.get("WEBMACS_UPDATE_TYPES") == "1":
        FILE.write_text(json.dumps(schemas, indent=1, sort_keys=True) + "\n")
    assert json.loads(FILE.read_text()) == schemas, "run this test with WEBMACS_UPDATE_TYPES=1, and commit the file"
