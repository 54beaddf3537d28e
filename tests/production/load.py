"""What is asked of the machine while its parts are killed, and how it was answered."""

import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

PATIENCE = 40  # seconds for an answer
PAUSE = 0.05
# How the gateway, PostgREST or a sidecar says that it cannot answer now; all else that is not right is wrong.
REFUSALS = (502, 503, 504)
# What means that a connection has ended or could not be had: nothing was answered.
CUT = (httpx.TransportError, OSError, EOFError, WebSocketException)


@dataclass
class Tally:
    """The answers to one kind of request."""

    name: str
    good: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    cut: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def interruption(self, begin: float, end: float) -> float:
        """The longest time without a right answer between the two, seconds."""
        times = [begin, *(moment for moment in self.good if begin < moment < end), end]
        return max(later - earlier for earlier, later in pairwise(times))

    def has_answered_since(self, moment: float) -> bool:
        return bool(self.good) and self.good[-1] > moment


class Asking:
    """The same request again and again, over a connection that is kept, as a browser's is."""

    def __init__(self, tally: Tally, client: httpx.Client, ask: Callable[[httpx.Client], str | None]) -> None:
        self.tally, self._client, self._ask = tally, client, ask

    def run(self, until: threading.Event) -> None:
        tally = self.tally
        while not until.is_set():
            try:
                if problem := self._ask(self._client):
                    kind = tally.refused if problem.startswith("refused") else None
                    kind.update([problem]) if kind is not None else tally.wrong.append(problem)
                else:
                    tally.good.append(time.monotonic())
            except CUT as error:
                tally.cut[type(error).__name__] += 1
            time.sleep(PAUSE)


def judged(answer: httpx.Response, right: Callable[[httpx.Response], bool], status: int = 200) -> str | None:
    """What is to be said of an answer; None: it is right."""
    if answer.status_code == status and right(answer):
        return None
    try:
        said = answer.json()
        code, whole = str(said["code"]), {"code", "message", "details", "hint"} <= set(said)
    except (ValueError, KeyError, TypeError):
        code, whole = answer.text[:200], False
    if answer.status_code in REFUSALS and whole:
        return f"refused: {answer.status_code} {code}"
    return f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:300]}"


class Writing(Asking):
    """Log entries, each once; those that were acknowledged have to be there in the end, and none twice."""

    def __init__(self, tally: Tally, client: httpx.Client, headers: dict[str, str], name: str) -> None:
        self.acknowledged: list[str] = []
        self._number = 0

        def write(client: httpx.Client) -> str | None:
            self._number += 1
            message = f"{name} {self._number}"
            answer = client.post("/api/log_entries", json={"message": message}, headers=headers)
            problem = judged(answer, lambda _: True, 201)
            if problem is None:
                self.acknowledged.append(message)
            return problem

        super().__init__(tally, client, write)


class Controller:
    """Sends a point every few milliseconds, and again what was not acknowledged before the connection ended."""

    def __init__(self, tally: Tally, url: str, trust: ssl.SSLContext, event: str, token: str) -> None:
        self.tally, self._url, self._trust = tally, url, trust
        self._event, self._token = event, token
        self._start = datetime.now(UTC) - timedelta(hours=1)
        self.acknowledged = 0

    def run(self, until: threading.Event) -> None:
        while not until.is_set():
            try:
                self._session(until)
            except CUT as error:
                self.tally.cut[type(error).__name__] += 1
                time.sleep(PAUSE)

    def point(self, number: int) -> dict[str, Any]:
        """No two are alike."""
        instant = self._start + timedelta(milliseconds=number)
        return {"event_public_id": self._event, "value": number, "timestamp": instant.isoformat()}

    def _session(self, until: threading.Event) -> None:
        protocols = [Subprotocol("webmacs.v1"), Subprotocol(f"bearer.{self._token}")]
        with connect(self._url, subprotocols=protocols, ssl=self._trust, proxy=None, open_timeout=PATIENCE) as socket:
            while not until.is_set():
                number = self.acknowledged + 1
                socket.send(json.dumps({"seq": number, "datapoints": [self.point(number)]}))
                while (answer := json.loads(socket.recv(PATIENCE)))["type"] != "ack":
                    if answer["type"] == "error":
                        self.tally.wrong.append(json.dumps(answer)[:300])
                if answer["accepted"] + answer["duplicates"] != 1:
                    self.tally.wrong.append(json.dumps(answer)[:300])
                self.acknowledged = number
                self.tally.good.append(time.monotonic())
                time.sleep(PAUSE / 5)


class Watching:
    """A page that looks at live values, and comes back when it is cut."""

    def __init__(self, tally: Tally, url: str, trust: ssl.SSLContext, token: str) -> None:
        self.tally, self._url, self._trust, self._token = tally, url, trust, token

    def run(self, until: threading.Event) -> None:
        protocols = [Subprotocol("webmacs.v1"), Subprotocol(f"bearer.{self._token}")]
        while not until.is_set():
            try:
                with connect(
                    self._url, subprotocols=protocols, ssl=self._trust, proxy=None, open_timeout=PATIENCE
                ) as socket:
                    while not until.is_set():
                        if json.loads(socket.recv(PATIENCE))["type"] == "datapoints_batch":
                            self.tally.good.append(time.monotonic())
            except CUT as error:
                self.tally.cut[type(error).__name__] += 1
                time.sleep(PAUSE)
