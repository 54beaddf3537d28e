"""A balance of 220 g that speaks MT-SICS, as far as the plugin asks it."""

import re

TARE = re.compile(r"TA (\d+\.\d+) (\w+)")


class Balance:
    """`gross` lies on it. `state`: as the manual has it, S stable, D dynamic, I busy, + overload, - underload."""

    def __init__(self) -> None:
        self.gross = 50.0
        self.tare = 0.0
        self.unit = "g"
        self.state = "S"
        self.unasked: list[str] = []

    def answer(self, line: str) -> str:
        """To one command. What it wants to say unasked comes first."""
        if self.unasked:
            return self.unasked.pop(0)
        if line == "@":
            return 'I4 A "B021002593"'
        if line == "SI":
            return f"S {self.state}{self._shown(self.gross - self.tare) if self.state in 'SD' else ''}"
        return self._tare(line)

    def _tare(self, line: str) -> str:
        if line == "TA":
            return "TA I" if self.state == "I" else f"TA A{self._shown(self.tare)}"
        wanted = TARE.fullmatch(line)
        if wanted is None:
            return "ES"
        if self.state == "I":
            return "TA I"
        if wanted[2] != self.unit or float(wanted[1]) > 220:
            return "TA L"
        self.tare = round(float(wanted[1]), 2)
        return f"TA A{self._shown(self.tare)}"

    def _shown(self, value: float) -> str:
        return f" {value:10.2f} {self.unit}"
