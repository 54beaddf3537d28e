"""A line of Modbus units: pymodbus's server, wicked on demand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from pymodbus.constants import ExcCodes
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.server.requesthandler import ServerRequestHandler
from pymodbus.simulator import DataType, SimData, SimDevice

SIZE = 160
"""Registers and bits of each kind that a unit has."""

COILS, DISCRETE, HOLDING, INPUT = 1, 2, 3, 4
"""Functions that read, by which `put` and `get` name the tables."""


class Asked(NamedTuple):
    """A request as it arrived."""

    unit: int
    function: int
    address: int
    length: int


class Handler(ServerRequestHandler):
    """One connection."""

    def server_send(self, pdu: ModbusPDU | None, addr: Any) -> None:
        """Instead of answering, do what the test wants."""
        request = self.last_pdu
        assert request is not None
        assert pdu is not None
        line: Line = self.server.line
        asked = Asked(request.dev_id, request.function_code, request.address, request.count)
        line.asked.append(asked)
        line.news.set()
        for wanted, behave in line.behaviours:
            if wanted(asked):
                behave(self, pdu)
                return
        self.answer(pdu)

    def answer(self, pdu: ModbusPDU) -> None:
        """As a good device."""
        self.pdu_send(pdu)


Behaviour = Callable[[Handler, ModbusPDU], None]


def silent(handler: Handler, answer: ModbusPDU) -> None:
    """Never answers."""


def cut(handler: Handler, answer: ModbusPDU) -> None:
    """Closes the connection instead."""
    handler.close()


def late(seconds: float) -> Behaviour:
    """Answers after a while."""
    return lambda handler, answer: void(handler.loop.call_later(seconds, handler.answer, answer))


def refusing(code: ExcCodes) -> Behaviour:
    """Answers with an exception."""
    return lambda handler, answer: handler.answer(
        ExceptionResponse(answer.function_code, code, answer.dev_id, answer.transaction_id)
    )


def short(handler: Handler, answer: ModbusPDU) -> None:
    """Answers with one register, or byte of bits, too few."""
    answer.registers = answer.registers[:-1]
    answer.bits = answer.bits[:-8]
    handler.answer(answer)


def to_another_function(handler: Handler, answer: ModbusPDU) -> None:
    """Answers as if something else had been asked."""
    answer.function_code ^= 7
    handler.answer(answer)


def nonsense(handler: Handler, answer: ModbusPDU) -> None:
    """Answers with a frame whose length of data is a lie."""
    handler.send(answer.transaction_id.to_bytes(2, "big") + b"\0\0\0\5" + bytes([answer.dev_id, 3, 200, 0, 1]))


def void(_: object) -> None:
    """No result."""


@dataclass
class Line:
    """`asked` has the requests so far, `behaviours` what is answered otherwise than well: the first that fits."""

    units: tuple[int, ...] = (1,)
    asked: list[Asked] = field(default_factory=list)
    behaviours: list[tuple[Callable[[Asked], bool], Behaviour]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    server: "TcpServer | SerialServer | None" = None
    port: int = 0

    def behave(self, behaviour: Behaviour, wanted: Callable[[Asked], bool] = lambda asked: True) -> None:
        """From now on, for those requests."""
        self.behaviours.insert(0, (wanted, behaviour))

    def behave_well(self) -> None:
        """Again."""
        self.behaviours.clear()

    async def put(self, table: int, address: int, *values: int, unit: int = 1) -> None:
        """What the device has there."""
        assert self.server is not None
        await self.server.async_setValues(unit, table, address, list(values))

    async def get(self, table: int, address: int, count: int = 1, unit: int = 1) -> list[int]:
        """What the device has there."""
        assert self.server is not None
        return list(await self.server.async_getValues(unit, table, address, count))

    async def until_asked(self, wanted: Callable[[Asked], bool]) -> None:
        """Wait for such a request."""
        while not any(wanted(asked) for asked in self.asked):
            self.news.clear()
            await self.news.wait()

    async def start(self) -> None:
        """On its port; a free one at first."""
        self.server = TcpServer(self)
        await self.server.serve_forever(background=True)
        self.port = cast(asyncio.Server, self.server.transport).sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """And cut all connections."""
        if self.server is not None:
            await self.server.shutdown()  # type: ignore[no-untyped-call]
            self.server = None

    def devices(self) -> list[SimDevice]:
        """All zeros."""
        return [SimDevice(unit, (_bits(), _bits(), _registers(), _registers())) for unit in self.units]


class TcpServer(ModbusTcpServer):
    """Listens for connections."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.devices(), address=("127.0.0.1", line.port), ignore_missing_devices=True)
        self.line = line

    def callback_new_connection(self) -> Handler:
        return Handler(self, None, None, None)  # type: ignore[no-untyped-call]


class SerialServer(ModbusSerialServer):
    """Listens on a line."""

    def __init__(self, line: Line, port: str) -> None:
        super().__init__(line.devices(), port=port, baudrate=19200, parity="N", ignore_missing_devices=True)
        self.line = line

    def callback_new_connection(self) -> Handler:
        return Handler(self, None, None, None)  # type: ignore[no-untyped-call]


def _bits() -> list[SimData]:
    return [SimData(0, values=[False] * SIZE, datatype=DataType.BITS)]


def _registers() -> list[SimData]:
    return [SimData(0, count=SIZE, values=0, datatype=DataType.REGISTERS)]


@asynccontextmanager
async def running(*units: int) -> AsyncIterator[Line]:
    """A line with these units, listening for TCP."""
    line = Line(units or (1,))
    await line.start()
    try:
        yield line
    finally:
        await line.stop()
