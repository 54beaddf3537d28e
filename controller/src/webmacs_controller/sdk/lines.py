"""Devices that answer each line with a line, over TCP: many balances, multimeters, pumps, and serial device servers."""

import asyncio

from webmacs_controller.sdk.errors import OutcomeUnknownError, PluginError, system_words


class Lines:
    """One connection to `host`:`port`. Whatever goes wrong is a PluginError that names both."""

    def __init__(self, host: str, port: int, *, ending: str = "\r\n", seconds: float = 5.0) -> None:
        """`ending` is that of the lines, `seconds` how long the device may take for each step."""
        self._address = host, port
        self._place = f"{host}:{port}"
        self._ending = ending.encode("ascii")
        self._seconds = seconds
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> None:
        """Connect; an older connection is closed before."""
        await self.close()
        try:
            async with asyncio.timeout(self._seconds):
                self._streams = await asyncio.open_connection(*self._address)
        except TimeoutError:
            raise PluginError(f"{self._place} cannot be reached: no answer in {self._seconds:g} s") from None
        except OSError as error:
            raise PluginError(f"{self._place} cannot be reached: {system_words(error)}") from None

    async def ask(self, question: str) -> str:
        """The answer to a line, without its ending. Raises OutcomeUnknownError if none comes; then the connection is
        closed, for what comes late would be taken for the answer to the next question."""
        if self._streams is None:
            raise PluginError(f"{self._place} is not connected")
        try:
            async with asyncio.timeout(self._seconds):
                return await self._exchange(question, *self._streams)
        except BaseException as error:
            await self.close()
            if isinstance(error, Exception):
                why = f"{self._place} does not answer {question!r}: {self._reason(error)}"
                raise OutcomeUnknownError(why) from None
            raise  # it was given up

    async def close(self) -> None:
        """Let go of the device; nothing, if there is no connection."""
        if self._streams is not None:
            self._streams[1].transport.abort()  # nothing is left to be sent, and waiting for the other side may be long
            self._streams = None

    async def _exchange(self, question: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        writer.write(question.encode("ascii") + self._ending)
        await writer.drain()
        line = await reader.readuntil(self._ending)
        return line.removesuffix(self._ending).decode("ascii")

    def _reason(self, error: Exception) -> str:
        if isinstance(error, TimeoutError):
            return f"nothing came in {self._seconds:g} s"
        if isinstance(error, EOFError):
            return "it has closed the connection"
        return system_words(error) if isinstance(error, OSError) else str(error)
