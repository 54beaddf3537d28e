"""GET /metrics as Prometheus reads it."""

import re

import httpx

from tests.support.plain import PLAIN
from webmacs.config import Config

SAMPLE = re.compile(r'[a-z_]+(?:\{[a-z]+="[^"]*"\})? [0-9.e+-]+')


def ask(config: Config) -> dict[str, float]:
    """Each sample by its name and labels."""
    answer = httpx.get(f"http://127.0.0.1:{config.server.metrics_port}/metrics", **PLAIN)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in lines), lines
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}
