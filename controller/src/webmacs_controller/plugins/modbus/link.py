"""The way to the device: pymodbus, and what it leaves to its user.

An answer is taken only if it is one to the request; a connection that is cut ends its request at once; on a serial
line, where nothing says to which request an answer belongs, a late one is let pass before the next request.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeAlias, TypeVar

from pymodbus import FramerType, ModbusException
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.client.base import ModbusBaseClient
from pymodbus.pdu import ModbusPDU

from webmacs_controller.plugins.modbus.faults import CUT, SILENCE, UNREADABLE, Fault, RequestError, garbled, refusal
from webmacs_controller.plugins.modbus.grouping import Request, is_register
from webmacs_controller.plugins.modbus.settings import ModbusConfig, Table
from webmacs_controller.sdk import PluginError

Client: TypeAlias = AsyncModbusTcpClient | AsyncModbusSerialClient
Call: TypeAlias = Callable[[Client], Awaitable[ModbusPDU]]
T = TypeVar("T")

READING: dict[Table, tuple[int, Callable[..., Awaitable[ModbusPDU]]]] = {
    "coil": (1, ModbusBaseClient.read_coils),
    "discrete_input": (2, ModbusBaseClient.read_discrete_inputs),
    "holding_register": (3, ModbusBaseClient.read_holding_registers),
    "input_register": (4, ModbusBaseClient.read_input_registers),
}
PARITIES = {"even": "E", "odd": "O", "none": "N"}
NEVER = 2**31
"""Requests without an answer until pymodbus closes the connection: that is decided here."""

logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # it logs every time-out; what matters is told by us


class Link:
    """Connects at the first request, and again after the connection was lost."""

    def __init__(self, config: ModbusConfig) -> None:
        self._config = config
        self._serial = config.transport == "rtu"
        self._client: Client | None = None
        self._lost: asyncio.Future[Fault]
        self._quiet_until = 0.0
        self._problem = ""

    async def open(self) -> Client:
        """The connection, made if there is none. Raises PluginError."""
        if self._client is not None and self._client.connected:
            return self._client
        self.close()
        self._lost = asyncio.get_running_loop().create_future()
        client = self._client = _make(self._config, self._noticed)
        client.set_max_no_responses(NEVER)
        client.ctx.call_create = self._noting_why(client.ctx.call_create)
        client.ctx.callback_data = self._guarded(client.ctx.callback_data)  # type: ignore[method-assign]
        if not await client.connect():
            self.close()
            raise PluginError(f"{self._place} cannot be reached: {self._problem or 'it took too long'}")
        return client

    def close(self) -> None:
        """Let go of the device."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def read(self, request: Request) -> Sequence[int]:
        """What the registers hold; of coils and discrete inputs 0 or 1. Raises RequestError, PluginError."""
        code, method = READING[request.table]
        return await self._ask(
            code,
            lambda client: method(client, request.start, count=request.count, device_id=request.unit_id),
            lambda answer: _values(request, answer),
        )

    async def write_coil(self, unit: int, address: int, on: bool) -> None:
        """Raises RequestError, PluginError, as all of these."""
        await self._ask(5, lambda client: client.write_coil(address, on, device_id=unit), _nothing)

    async def write_registers(self, unit: int, address: int, words: list[int]) -> None:
        """One by the request for one: some devices know no other."""
        if len(words) == 1:
            await self._ask(6, lambda client: client.write_register(address, words[0], device_id=unit), _nothing)
        else:
            await self._ask(16, lambda client: client.write_registers(address, words, device_id=unit), _nothing)

    async def write_masked(self, unit: int, address: int, mask: int, on: bool) -> None:
        """Set the bits of `mask` in a register; the device leaves the others as they are."""
        keep, add = 0xFFFF ^ mask, mask if on else 0
        await self._ask(
            22,
            lambda client: client.mask_write_register(address=address, and_mask=keep, or_mask=add, device_id=unit),
            _nothing,
        )

    @property
    def _place(self) -> str:
        config = self._config
        return config.serial_port if self._serial else f"{config.host}:{config.port}"

    async def _ask(self, code: int, call: Call, take: Callable[[ModbusPDU], T]) -> T:
        """What `take` finds in the answer. What is not answered, or not by `code`, is asked again."""
        for attempts_left in range(self._config.retries, -1, -1):
            try:
                return take(_checked(await self._answer(call), code))
            except RequestError as error:
                if error.fault.answered:
                    raise
                self._expect_late_answers()
                if not attempts_left:
                    raise
        raise AssertionError  # the loop ends by return or raise

    async def _answer(self, call: Call) -> ModbusPDU:
        """Raises RequestError, as soon as the connection is cut."""
        client = await self.open()
        await self._let_pass()
        asking = asyncio.create_task(_begin(call, client))
        try:
            await asyncio.wait((asking, self._lost), return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise RequestError(self._lost.result())
            return asking.result()
        except ModbusException:
            raise RequestError(SILENCE if client.connected else CUT) from None
        except asyncio.CancelledError:
            self._expect_late_answers()
            raise
        finally:
            asking.cancel()

    def _expect_late_answers(self) -> None:
        if self._serial:
            self._quiet_until = asyncio.get_running_loop().time() + self._config.timeout_seconds

    async def _let_pass(self) -> None:
        """pymodbus drops what comes in while nothing is asked."""
        wait = self._quiet_until - asyncio.get_running_loop().time()
        if wait > 0:
            await asyncio.sleep(wait)

    def _noticed(self, connected: bool) -> None:
        if not connected:
            self._lose(CUT)

    def _lose(self, fault: Fault) -> None:
        if not self._lost.done():
            self._lost.set_result(fault)

    def _guarded(self, take: Callable[..., int]) -> Callable[..., int]:
        """What pymodbus cannot decode would be an error of the event loop, and the request would wait in vain."""

        def guarded(data: bytes, addr: tuple[Any, ...] | None = None) -> int:
            try:
                return take(data, addr)
            except Exception:  # whatever decoding nonsense leads to
                self._lose(UNREADABLE)
                self.close()
                return len(data)

        return guarded

    def _noting_why(self, connect: Callable[[], Coroutine[Any, Any, Any]]) -> Callable[[], Coroutine[Any, Any, Any]]:
        """pymodbus says only that it could not connect."""

        async def noting() -> Any:
            self._problem = ""
            try:
                return await connect()
            except Exception as error:  # termios.error is no OSError, and all that pymodbus expects is one
                self._problem = _words(error)
                raise OSError(self._problem) from error

        return noting


async def _begin(call: Call, client: Client) -> ModbusPDU:
    return await call(client)


def _words(error: Exception) -> str:
    """asyncio says "Connect call failed" of whatever it was, pyserial names the port twice."""
    opening = isinstance(error, ConnectionError) or "could not open port" in str(error)
    if isinstance(error, OSError) and opening and error.errno:
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or str(error)


def _checked(answer: ModbusPDU, code: int) -> ModbusPDU:
    """Raises RequestError for one that refuses, or is one to something else."""
    if answer.function_code & 0x7F != code:
        raise RequestError(garbled(f"an answer to function {answer.function_code & 0x7F} instead of {code}"))
    if answer.isError():
        raise RequestError(refusal(answer.exception_code))
    return answer


def _values(request: Request, answer: ModbusPDU) -> Sequence[int]:
    if is_register(request.table):
        values, expected = answer.registers, request.count
    else:  # bits come in whole bytes
        values, expected = answer.bits, -(-request.count // 8) * 8
    if len(values) != expected:
        raise RequestError(garbled(f"an answer with {len(values)} values instead of {expected}"))
    return values


def _nothing(_: ModbusPDU) -> None:
    """Of an answer that only says that it is done."""


def _make(config: ModbusConfig, notice: Callable[[bool], None]) -> Client:
    if config.transport == "rtu":
        return AsyncModbusSerialClient(
            config.serial_port,
            framer=FramerType.RTU,
            baudrate=config.baud_rate,
            parity=PARITIES[config.parity],
            stopbits=config.stop_bits,
            timeout=config.timeout_seconds,
            reconnect_delay=0,
            retries=0,
            trace_connect=notice,
        )
    return AsyncModbusTcpClient(
        config.host,
        port=config.port,
        timeout=config.timeout_seconds,
        reconnect_delay=0,
        retries=0,
        trace_connect=notice,
    )
