"""The controller's token: from the configuration, or from a file that the server renews."""

from pathlib import Path

from webmacs_controller.files import replace_private


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
        """Keep a fresh token, in the file if there is one."""
        self._token = token
        if self._file is None:
            return
        replace_private(self._file, f"{token}\n".encode("ascii"))

    @property
    def lasting(self) -> bool:
        """Whether a fresh token is there again after a restart."""
        return self._file is not None
