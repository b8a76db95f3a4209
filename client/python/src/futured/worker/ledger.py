"""Memory that the worker shares with the daemon: the claims of its tasks, and the journal of results not sent yet.

worker.proto describes it. The claims need atomic operations, which Python has not; they come from libatomic.
"""

from __future__ import annotations

import ctypes
import mmap
import os
from typing import Any, Optional

_WORD_SIZE = 8
_JOURNAL_SIZE = 65536
_SEQUENTIALLY_CONSISTENT = 5
_BEGUN = 1


class Ledger:
    """For one thread at a time, but for the journal's, which need the same lock."""

    def __init__(self, descriptor: int, words: int, compare_exchange: Any) -> None:
        self._memory = mmap.mmap(descriptor, words * _WORD_SIZE + _WORD_SIZE + _JOURNAL_SIZE)
        os.close(descriptor)
        self._compare_exchange = compare_exchange
        self._address = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        self._expected = ctypes.c_uint64()
        self._expected_address = ctypes.addressof(self._expected)
        self._filled = ctypes.c_uint64.from_buffer(self._memory, words * _WORD_SIZE)
        self._journal = (words + 1) * _WORD_SIZE
        # The length as this side knows it.
        self._size = 0

    @classmethod
    def map(cls, descriptor: int, words: int) -> Optional[Ledger]:
        """The daemon's, by its descriptor. None: this machine has no atomic operations for it, or there is none."""
        compare_exchange = _compare_exchange() if words > 0 else None
        if compare_exchange is None:
            return None
        return cls(descriptor, words, compare_exchange)

    # --- Claims.

    def begin(self, batch: int, index: int) -> bool:
        """False: the daemon has taken the task back, and it must not begin."""
        self._expected.value = batch << 2
        return bool(
            self._compare_exchange(
                self._address + index * _WORD_SIZE,
                self._expected_address,
                batch << 2 | _BEGUN,
                _SEQUENTIALLY_CONSISTENT,
                _SEQUENTIALLY_CONSISTENT,
            )
        )

    # --- The journal.

    def append(self, frame: bytes) -> bool:
        """Keeps a frame that has not been sent. False: there is no room for it."""
        size = self._size + len(frame)
        if size > _JOURNAL_SIZE:
            return False
        self._memory[self._journal + self._size : self._journal + size] = frame
        # After the bytes: the daemon believes it.
        self._size = self._filled.value = size
        return True

    def content(self) -> bytes:
        """What was appended since the last clear()."""
        return self._memory[self._journal : self._journal + self._size]

    def clear(self) -> None:
        self._size = self._filled.value = 0


# PyDLL keeps the interpreter's lock: giving it up costs more than the exchange.
def _compare_exchange() -> Any:
    try:
        library = ctypes.PyDLL("libatomic.so.1")
        library.__atomic_is_lock_free.argtypes = [ctypes.c_size_t, ctypes.c_void_p]
        library.__atomic_is_lock_free.restype = ctypes.c_bool
        # With a lock it would be one of this process only.
        if not library.__atomic_is_lock_free(_WORD_SIZE, None):
            return None
        function = library.__atomic_compare_exchange_8
    except (OSError, AttributeError):
        return None
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int, ctypes.c_int]
    function.restype = ctypes.c_bool
    return function
