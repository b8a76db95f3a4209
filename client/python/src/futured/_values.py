"""Python objects as `futured.v1.Value`, which functions of every language understand, and back.

====================  =====================================================
Python                Value
====================  =====================================================
None                  null
bool                  bool
int                   int, or uint above the largest int64
float                 double
str                   string
bytes, bytearray      bytes
list, tuple           list; comes back as a list
dict with str keys    map
a `futured.v1.Value`  itself, for what Python has no type for
====================  =====================================================

Safe to use from any thread.
"""

from __future__ import annotations

from typing import Any

from futured._generated import value_pb2

#: Deeper ones cannot be read by the other side, as protobuf stops there.
DEEPEST = 30

# google.protobuf.NULL_VALUE, whose type has several names.
_NULL: Any = 0
_SMALLEST_INT = -(1 << 63)
_LARGEST_INT = (1 << 63) - 1
_LARGEST_UINT = (1 << 64) - 1

#: Types whose objects a Value gives back as they were. Containers are missing: a tuple would become a list.
SCALARS = frozenset({type(None), bool, int, float, str, bytes})


def to_value(item: object) -> value_pb2.Value:
    """Encodes `item`.

    TypeError: there is no kind for its type, or a dict has other keys than text. OverflowError: an integer needs more
    than 64 bits. ValueError: it is nested deeper than 30, or text has lone surrogates. Each names the place in `item`.

    >>> to_value({"size": 3}).map_value.entries["size"].int_value
    3
    """
    value = value_pb2.Value()
    fill(value, item)
    return value


def fill(value: value_pb2.Value, item: object, place: str = "", depth: int = 0) -> None:
    """As to_value(), into an empty `value`. `place` says in errors where in the whole `item` is."""
    if item is None:
        value.null_value = _NULL
    elif isinstance(item, bool):
        value.bool_value = item
    elif isinstance(item, int):
        _fill_int(value, int(item), place)
    elif isinstance(item, float):
        value.double_value = item
    elif isinstance(item, str):
        value.string_value = item
    elif isinstance(item, (bytes, bytearray, memoryview)):
        value.bytes_value = bytes(item)
    elif isinstance(item, value_pb2.Value):
        value.CopyFrom(item)
    else:
        _fill_container(value, item, place, depth)


def from_value(value: value_pb2.Value) -> Any:
    """The Python object for `value`.

    Kinds without a counterpart (a message, an opaque value) come as they are, as a Value. ValueError: no kind is set.
    """
    kind = value.WhichOneof("kind")
    if kind is None:
        raise ValueError("a value of no kind")
    if kind == "null_value":
        return None
    if kind == "list_value":
        return [from_value(item) for item in value.list_value.items]
    if kind == "map_value":
        return {key: from_value(item) for key, item in value.map_value.entries.items()}
    if kind in ("message_value", "opaque_value"):
        return value
    return getattr(value, kind)


def check_text(what: str, text: str) -> None:
    """ValueError: it has lone surrogates, as names of files that are no UTF-8 have, and cannot be sent."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{what} has lone surrogates: {text!r}") from None


def _fill_int(value: value_pb2.Value, item: int, place: str) -> None:
    if _SMALLEST_INT <= item <= _LARGEST_INT:
        value.int_value = item
    elif 0 < item <= _LARGEST_UINT:
        value.uint_value = item
    else:
        raise OverflowError(f"{_at(place)}an integer of {item.bit_length()} bits; 64 is the most a value can have")


def _fill_container(value: value_pb2.Value, item: object, place: str, depth: int) -> None:
    if depth >= DEEPEST:
        raise ValueError(f"nested deeper than {DEEPEST}")
    if isinstance(item, (list, tuple)):
        value.list_value.SetInParent()
        for index, each in enumerate(item):
            fill(value.list_value.items.add(), each, f"{place}[{index}]", depth + 1)
    elif isinstance(item, dict):
        value.map_value.SetInParent()
        for key, each in item.items():
            if not isinstance(key, str):
                raise TypeError(f"{_at(place)}a dict with a key of type {type(key).__name__}; only str can be sent")
            fill(value.map_value.entries[key], each, f"{place}[{key!r}]", depth + 1)
    else:
        raise TypeError(f"{_at(place)}an object of type {type(item).__qualname__}, for which values have no kind")


def _at(place: str) -> str:
    return f"at {place}: " if place else ""
