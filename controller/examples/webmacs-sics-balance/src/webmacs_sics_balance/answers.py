"""What a balance says: `S S     100.00 g` is command, status, and what belongs to it."""

from dataclasses import dataclass

from webmacs_controller.sdk import PluginError

NAMES = {"@": "I4", "SI": "S"}
"""The answers that are not called as their commands are."""

ERRORS = {
    "ES": "it does not know the command",
    "ET": "it received the command with an error",
    "EL": "it cannot carry out the command",
}


@dataclass(frozen=True)
class Answer:
    """`rest` is without the blanks around it."""

    status: str
    rest: str

    def weight(self) -> tuple[float, str]:
        """Value and unit. Raises PluginError."""
        value, _, unit = self.rest.partition(" ")
        try:
            return float(value), unit.strip()
        except ValueError:
            raise PluginError(f"the balance gives no weight: {self.rest!r}") from None


def parse(command: str, line: str) -> Answer:
    """The answer to a command. Raises PluginError also if it is one to another: then the balance was switched on
    meanwhile, and has said its number unasked."""
    if line in ERRORS:
        raise PluginError(f"the balance refuses {command!r}: {ERRORS[line]}")
    name, _, rest = line.partition(" ")
    asked = command.partition(" ")[0]
    if name != NAMES.get(asked, asked):
        raise PluginError(f"the balance answers {command!r} with {line!r}")
    return Answer(rest[:1], rest[1:].strip())
