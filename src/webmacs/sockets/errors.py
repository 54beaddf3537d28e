"""What is answered to a frame that makes no sense."""


class FrameError(Exception):
    """A frame that is not understood; the client is told why and may go on."""

    def __init__(self, code: str, message: str, seq: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.seq = seq
