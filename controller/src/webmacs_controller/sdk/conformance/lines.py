"""The other side of `sdk.lines`: a device for tests that answers each line with a line."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

Answer = Callable[[str], str | None]
"""What a device says to a line; None: nothing."""


@asynccontextmanager
async def line_device(answer: Answer, *, ending: str = "\r\n") -> AsyncIterator[int]:
    """Listens on a free port of this machine, which is given. At the end all connections are cut."""
    end = ending.encode("ascii")
    connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                line = (await reader.readuntil(end)).removesuffix(end).decode("ascii")
                if (said := answer(line)) is not None:
                    writer.write(said.encode("ascii") + end)
        writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(converse(reader, writer))
        connections[task] = writer
        task.add_done_callback(connections.pop)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in connections.values():
            writer.transport.abort()
        await asyncio.gather(*connections)
