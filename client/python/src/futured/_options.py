"""How a call is to be run and kept."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, Mapping, Optional, Sequence, Union

from futured._generated import future_pb2

Seconds = Union[int, float, datetime.timedelta]


@dataclass(frozen=True)
class Retry:
    """What follows a failed attempt: another one, after a delay, until there were `max_attempts`.

    A future that was cancelled or asked to stop is not attempted again.

    Example:
        >>> executor.options(retries=futured.Retry(5, delay=0.5, on=["worker", "ConnectionError"])).submit(fetch, url)
    """

    #: Attempts in all, 1 to 1,000.
    max_attempts: int
    #: Seconds before the second attempt; before each further one longer by the factor (1 to 100), up to `max_delay`.
    delay: Seconds = 1.0
    factor: float = 2.0
    max_delay: Seconds = 300.0
    #: A delay is shortened by up to this share of it (0 to 1), by chance.
    jitter: float = 0.2
    #: Types of errors ("ValueError") and origins ("task", "timeout", "worker", "daemon", "executor", "call", "limit")
    #: after which there is another attempt. Empty: all but those of "call" and "limit".
    on: Sequence[str] = ()


def encode(
    *,
    executor: str = "",
    priority: int = 0,
    timeout: Optional[Seconds] = None,
    retries: Union[int, Retry] = 0,
    labels: Optional[Mapping[str, str]] = None,
    delay: Optional[Seconds] = None,
    not_before: Optional[datetime.datetime] = None,
    expires: Optional[Seconds] = None,
    retention: Optional[Seconds] = None,
    at_most_once: bool = False,
    ephemeral: bool = False,
    traceparent: str = "",
    tracestate: str = "",
) -> future_pb2.TaskOptions:
    """The message for `Executor.options`. Raises TypeError and ValueError for what no daemon would take."""
    options = future_pb2.TaskOptions(
        executor=executor, priority=priority, labels=labels, at_most_once=at_most_once, ephemeral=ephemeral
    )
    if _is_trace_text(traceparent):
        options.traceparent = traceparent
    if _is_trace_text(tracestate):
        options.tracestate = tracestate
    for name, value in (("timeout", timeout), ("delay", delay), ("expires", expires), ("retention", retention)):
        if value is not None:
            getattr(options, name).FromNanoseconds(_nanoseconds(name, value))
    if not_before is not None:
        options.not_before.FromDatetime(not_before.astimezone(datetime.timezone.utc).replace(tzinfo=None))
    retry = Retry(retries + 1) if isinstance(retries, int) else retries
    if retry.max_attempts < 1:
        raise ValueError("there must be at least one attempt")
    if retry.max_attempts > 1:
        _encode_retry(retry, options.retry)
    return options


def replaced(options: future_pb2.TaskOptions, **given: Any) -> future_pb2.TaskOptions:
    """`options`, but for those that are given: the keywords of `encode`. Raises as it does."""
    message = future_pb2.TaskOptions()
    message.CopyFrom(options)
    newer = encode(**given)
    for keyword in given:
        message.ClearField("retry" if keyword == "retries" else keyword)
    message.MergeFrom(newer)
    return message


def _encode_retry(retry: Retry, message: future_pb2.Retry) -> None:
    message.max_attempts = retry.max_attempts
    message.delay.FromNanoseconds(_nanoseconds("delay", retry.delay))
    message.factor = retry.factor
    message.max_delay.FromNanoseconds(_nanoseconds("max_delay", retry.max_delay))
    message.jitter = retry.jitter
    message.on.extend(retry.on)


def _is_trace_text(text: str) -> bool:
    """Whether it can be sent. The daemon ignores what else is wrong with it."""
    return text.isascii() and text.isprintable()


def _nanoseconds(name: str, value: Seconds) -> int:
    seconds = value.total_seconds() if isinstance(value, datetime.timedelta) else value
    if not seconds >= 0:
        raise ValueError(f"{name} must not be negative")
    return round(seconds * 1_000_000_000)
