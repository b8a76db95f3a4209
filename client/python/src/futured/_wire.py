"""Protobuf's encoding by hand, for the few messages of which there is one for each task: it takes half of the time."""

from __future__ import annotations

_SHORT = [bytes([number]) for number in range(0x80)]


def varint(number: int) -> bytes:
    """Of a number that is not negative."""
    if number < 0x80:
        return _SHORT[number]
    groups = bytearray()
    while number >= 0x80:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)


def field(tag: bytes, data: bytes) -> bytes:
    """Bytes, text or a serialized message. `tag`: eight times its number, and two."""
    return tag + varint(len(data)) + data
