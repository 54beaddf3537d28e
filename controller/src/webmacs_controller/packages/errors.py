"""What a package can be refused for."""


class WheelError(Exception):
    """It is not taken. `code` is a word for programs, the message says what is wrong, and how it should be."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
