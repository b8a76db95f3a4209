"""Calls of Python callables, and what they return: pickles inside Arguments and Values.

A pickled call is the function `python.call` with one positional argument, opaque: the pickle of (fn, args, kwargs). An
Executor with an initializer adds the keyword `initializer`, opaque too: a key of 16 random bytes, then the pickle of
(initializer, initargs). A worker runs the initializer of each key once.

What can be imported goes by reference; lambdas, local functions and what lives in `__main__` go by value (cloudpickle).
To load a pickle is to run code: a worker does it only with --accept-pickle, a client only for calls that it pickled.

Safe to use from any thread.
"""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass
from typing import Any, Callable, Dict, Mapping, Optional, Sequence, Tuple

import cloudpickle

from futured._errors import NotUnpicklable
from futured._generated import value_pb2
from futured._values import SCALARS, fill, from_value
from futured._wire import field

#: Encoding of opaque values with a pickle.
CODEC = "pickle5"
#: Name of the function that runs pickled callables, in workers that accept them.
FUNCTION = "python.call"
#: Keyword of the initializer in the arguments of FUNCTION.
INITIALIZER = "initializer"

_PROTOCOL = 5
_KEY_SIZE = 16

_CODEC_FIELD = field(b"\x0a", CODEC.encode())

Call = Tuple[Callable[..., Any], Tuple[Any, ...], Dict[str, Any]]


@dataclass(frozen=True)
class Initializer:
    """What a worker runs before the first call of an Executor.

    `key` names it, so that each worker runs it once; `data` is the pickle of (callable, arguments).
    """

    key: bytes
    data: bytes

    @classmethod
    def of(cls, function: Callable[..., object], arguments: Sequence[object] = ()) -> Initializer:
        """With a key of its own. Raises what pickling raises."""
        return cls(os.urandom(_KEY_SIZE), dumps((function, tuple(arguments))))

    def run(self) -> None:
        """In the worker. Raises what unpickling raises, and what the callable does."""
        function, arguments = pickle.loads(self.data)
        function(*arguments)


def dumps(item: object) -> bytes:
    """The pickle of `item`; what cannot be imported on the other side goes by value.

    Raises whatever pickling raises, which may be any BaseException of a `__reduce__`.
    """
    if not cloudpickle.list_registry_pickle_by_value():
        # The C pickler is ten times as fast, and right unless something lives in this program's __main__.
        try:
            data = pickle.dumps(item, _PROTOCOL)
        except Exception:
            pass
        else:
            if b"__main__" not in data:
                return data
    by_value: bytes = cloudpickle.dumps(item, _PROTOCOL)
    return by_value


def encode_call(
    fn: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    initializer: Optional[Initializer] = None,
) -> bytes:
    """Serialized Arguments of FUNCTION, for `fn(*args, **kwargs)`.

    Raises whatever pickling raises, which may be any BaseException of a `__reduce__`.
    """
    positional = _opaque_value(dumps((fn, tuple(args), dict(kwargs))))
    data = field(b"\x0a", positional)
    if initializer is None:
        return data
    keyword = value_pb2.Arguments()
    opaque = keyword.keyword[INITIALIZER].opaque_value
    opaque.codec = CODEC
    opaque.data = initializer.key + initializer.data
    # Serialized messages add up.
    encoded: bytes = keyword.SerializeToString()
    return data + encoded


def encode_named(args: Sequence[Any], kwargs: Mapping[str, Any]) -> bytes:
    """Serialized Arguments of a named function: plain values. Raises as to_value() does."""
    arguments = value_pb2.Arguments()
    for index, item in enumerate(args):
        fill(arguments.positional.add(), item, f"argument {index + 1}")
    for key, item in kwargs.items():
        fill(arguments.keyword[key], item, f"argument {key!r}")
    encoded: bytes = arguments.SerializeToString()
    return encoded


def decode_value(data: bytes, *, pickled: bool) -> Any:
    """The Python object for a serialized Value.

    `pickled` says that the caller pickled the call, and so trusts a pickle that comes back; without it an opaque value
    stays a `futured.v1.Value`. Raises NotUnpicklable, whatever a `__setstate__` raises, and KeyboardInterrupt.
    """
    value = value_pb2.Value.FromString(data)
    if not pickled or not value.HasField("opaque_value") or value.opaque_value.codec != CODEC:
        return from_value(value)
    try:
        return pickle.loads(value.opaque_value.data)
    except KeyboardInterrupt:
        raise  # Not about the pickle: somebody does not want to wait for it.
    except BaseException as error:
        raise NotUnpicklable.of("the result", error) from error


def load_exception(opaque: value_pb2.OpaqueValue) -> BaseException:
    """The exception in an Error. Raises whatever unpickling raises, and TypeError if it is something else."""
    if opaque.codec != CODEC:
        raise TypeError(f"an exception encoded as {opaque.codec!r}, not {CODEC!r}")
    exception = pickle.loads(opaque.data)
    if not isinstance(exception, BaseException):
        raise TypeError(f"not an exception but an object of type {type(exception).__name__}")
    return exception


# --- In the worker.


def encode_exception(exception: BaseException) -> value_pb2.OpaqueValue:
    """For an Error. Raises whatever pickling raises, also that of the way back, which is tried."""
    opaque = value_pb2.OpaqueValue(codec=CODEC, data=dumps(exception))
    load_exception(opaque)
    return opaque


def decode_call(arguments: value_pb2.Arguments) -> Call:
    """What to call. Raises NotUnpicklable, and nothing else."""
    try:
        fn, args, kwargs = pickle.loads(_opaque(arguments.positional[0]))
        return fn, args, kwargs
    except BaseException as error:
        raise NotUnpicklable.of("the task", error) from error


def decode_initializer(arguments: value_pb2.Arguments) -> Optional[Initializer]:
    """The initializer that comes with a call. ValueError: it is no pickle."""
    if INITIALIZER not in arguments.keyword:
        return None
    data = _opaque(arguments.keyword[INITIALIZER])
    return Initializer(data[:_KEY_SIZE], data[_KEY_SIZE:])


def encode_result(item: object) -> bytes:
    """Serialized Value of what a pickled callable returned. Raises whatever pickling raises.

    Numbers, text and bytes become plain values, which other languages and futuredctl can read.
    """
    if type(item) in SCALARS:
        value = value_pb2.Value()
        try:
            fill(value, item)
            encoded: bytes = value.SerializeToString()
            return encoded
        except (ValueError, OverflowError):
            pass  # A long integer, or text that is no UTF-8.
    return _opaque_value(dumps(item))


# Serialized Value of a pickle.
def _opaque_value(data: bytes) -> bytes:
    return field(b"\x5a", _CODEC_FIELD + field(b"\x12", data))


def _opaque(value: value_pb2.Value) -> bytes:
    opaque = value.opaque_value
    if opaque.codec != CODEC:
        raise ValueError(f"{FUNCTION} takes a pickle ({CODEC}), and got {value.WhichOneof('kind')}")
    data: bytes = opaque.data
    return data
