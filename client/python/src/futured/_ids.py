"""IDs of sessions and of their futures: UUIDs of version 8, see futured/v1/session.proto."""

import os
import re

_SHAPE = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-8[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}")


def new_prefix() -> str:
    """74 random bits that begin the IDs of all futures of one session, with the dash that follows them."""
    digits = os.urandom(10).hex()
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-8{digits[12:15]}-{variant}{digits[17:20]}-"


def future_id(prefix: str, counter: int) -> str:
    """The ID of future number `counter`, below 2**48. Number 0 is the session itself."""
    return f"{prefix}{counter:012x}"


def is_future_id(text: object) -> bool:
    """Whether it is the ID of a future, of whatever session."""
    return isinstance(text, str) and _SHAPE.fullmatch(text) is not None
