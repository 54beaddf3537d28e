"""Whole columns for PostgreSQL in its binary array format, made without a Python call per element."""

import sys
from array import array
from collections.abc import Sequence
from struct import pack
from typing import Any, cast

from psycopg import BaseConnection
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

# Microseconds from 1970-01-01, where we count from, to 2000-01-01, where PostgreSQL does.
POSTGRES_EPOCH = 946_684_800_000_000

INT2, INT4, FLOAT8, TIMESTAMPTZ = 21, 23, 701, 1184


class Int2Array(bytes):
    """A value for a parameter of type int2[]."""


class Int4Array(bytes):
    """A value for a parameter of type int4[]."""


class Float8Array(bytes):
    """A value for a parameter of type float8[]."""


class TimestamptzArray(bytes):
    """A value for a parameter of type timestamptz[]."""


def int2_array(values: list[int]) -> Int2Array:
    """A column of numbers from -32768 to 32767."""
    return Int2Array(_header(INT2, len(values)) + _items(array("h", values)))


def int4_array(values: Sequence[int | None]) -> Int4Array:
    """A column of 32-bit numbers, some of them null."""
    try:
        return Int4Array(_header(INT4, len(values)) + _items(array("i", cast(list[int], values))))
    except TypeError:  # some are null: one by one
        items = [pack(">i", -1) if value is None else pack(">ii", 4, value) for value in values]
        return Int4Array(_header(INT4, len(values), has_null=True) + b"".join(items))


def float8_array(values: list[float]) -> Float8Array:
    """A column of double precision numbers."""
    return Float8Array(_header(FLOAT8, len(values)) + _items(array("d", values)))


def timestamptz_array(microseconds: list[int]) -> TimestamptzArray:
    """A column of times, each in microseconds since 1970."""
    since_2000 = array("q", [time - POSTGRES_EPOCH for time in microseconds])
    return TimestamptzArray(_header(TIMESTAMPTZ, len(microseconds)) + _items(since_2000))


def register_columns(connection: BaseConnection[Any]) -> None:
    """Let `connection` take the columns as parameters."""
    for column, oid in ((Int2Array, 1005), (Int4Array, 1007), (Float8Array, 1022), (TimestamptzArray, 1185)):
        connection.adapters.register_dumper(column, _dumper(oid))


def _dumper(array_oid: int) -> type[Dumper]:
    class ColumnDumper(Dumper):
        format = Format.BINARY
        oid = array_oid

        def dump(self, obj: bytes) -> Buffer:
            return obj

    return ColumnDumper


def _header(element_oid: int, length: int, has_null: bool = False) -> bytes:
    """One dimension (none if it is empty) from index 1."""
    return pack(">iiIii", 1, has_null, element_oid, length, 1) if length else pack(">iiI", 0, 0, element_oid)


def _items(values: "array[int] | array[float]") -> bytes:
    """Each value behind its length, all in network order; written with strides, a whole column at once."""
    if sys.byteorder == "little":
        values.byteswap()
    unit = "h" if values.itemsize == 2 else "i"
    length = array(unit, pack(">i", values.itemsize))
    source = array(unit, values.tobytes())
    words = values.itemsize // source.itemsize
    width = len(length) + words
    items = (length + array(unit, [0] * words)) * len(values)
    for word in range(words):
        items[len(length) + word :: width] = source[word::words]
    return items.tobytes()
