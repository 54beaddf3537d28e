"""The controller's token: from the configuration, or from a file that the server renews."""

import os
from pathlib import Path


class TokenError(Exception):
    """There is no token; the message says where it was looked for."""


class TokenStore:
    """Asked before every connection, so that a token put into the file is used without a restart."""

    def __init__(self, token: str, file: Path | None) -> None:
        self._token = token
        self._file = file

    def read(self) -> str:
        """The token. Raises TokenError."""
        if self._file is None:
            return self._token
        try:
            token = self._file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise TokenError(f"cannot read the token from {self._file}: {error}") from None
        if not token:
            raise TokenError(f"{self._file} is empty; it should hold the controller's token")
        return token

    def replace(self, token: str) -> None:
        """Keep a fresh token, in the file if there is one: whole or not at all, readable by its owner only."""
        self._token = token
        if self._file is None:
            return
        fresh = self._file.with_name(f".{self._file.name}.new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(token + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(self._file)

    @property
    def lasting(self) -> bool:
        """Whether a fresh token is there again after a restart."""
        return self._file is not None
