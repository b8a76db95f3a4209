"""Named functions: what a Python worker offers to programs in every language."""

from __future__ import annotations

import inspect
import re
from typing import Any, Callable, Dict, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")

_functions: Dict[str, Callable[..., Any]] = {}


def function(name: str) -> Callable[[_Function], _Function]:
    """Registers the decorated function under `name`, in a module that a worker is told to load.

    It takes and returns plain values: None, bool, int, float, str, bytes, list, dict with text keys. The function
    itself stays as it is, to be called or tested directly.

    >>> @futured.function("text.shout")
    ... def shout(text: str) -> str:
    ...     return text.upper()

    `python3 -m futured.worker my_module` in the daemon's configuration then serves it, and any client calls
    `executor.submit("text.shout", "hello")`.

    ValueError: the name is not of 1 to 128 characters [A-Za-z0-9_.-], or another function has it.
    """
    if not isinstance(name, str):
        raise TypeError('futured.function takes a name: @futured.function("text.shout")')
    if not _NAME.fullmatch(name):
        raise ValueError(f"the name of a function has 1 to 128 characters [A-Za-z0-9_.-], not {name!r}")

    def register(decorated: _Function) -> _Function:
        known = _functions.get(name)
        # A module that is loaded twice brings the same function again.
        if known is not None and _place_of(known) != _place_of(decorated):
            raise ValueError(f"two functions of the name {name!r}: {_place_of(known)} and {_place_of(decorated)}")
        _functions[name] = decorated
        return decorated

    return register


def registered() -> Dict[str, Callable[..., Any]]:
    """The functions by name."""
    return _functions


def signature_of(known: Callable[..., Any]) -> str:
    """For people: "(text: str) -> str"."""
    try:
        return str(inspect.signature(known))
    except (TypeError, ValueError):
        return "(...)"


def _place_of(known: Callable[..., Any]) -> str:
    return f"{getattr(known, '__module__', '?')}.{getattr(known, '__qualname__', known)}"
