"""futured.aio, and plain futures in asyncio. Numbers are those of docs/semantics.md."""

import asyncio
import gc
import itertools
import threading
import time
import unittest
import weakref
from typing import Any, Callable, Iterator, List

from support import PATIENCE, DaemonTest, gate, open_gate, wait_until

import functions_for_tests as functions
import futured
from futured import aio
from futured._generated import future_pb2
from guarded_daemon import outcomes, welcome
from scripted_daemon import Conversation, Script, ScriptedDaemon, cancel_answered


class AioTest(DaemonTest, unittest.IsolatedAsyncioTestCase):
    def aio(self, **options: Any) -> aio.Executor:
        return aio.Executor.of(self.executor(**options))

    async def test_a_call_is_awaited(self) -> None:
        async with aio.Executor(self.daemon.address) as executor:
            self.assertEqual(await executor.submit(pow, 2, 10), 1024)
            self.assertEqual(await executor.options(priority=3).submit(abs, -1), 1)

    async def test_what_it_raises_is_raised(self) -> None:
        with self.assertRaises(futured.UnknownFunction):
            await self.aio().submit("no.such")

    async def test_as_completed_gives_each_once(self) -> None:
        executor = self.aio()
        calls = [executor.submit(abs, -i) for i in range(50)]
        results = [await call async for call in aio.as_completed(calls, timeout=PATIENCE)]
        self.assertEqual(sorted(results), list(range(50)))

    async def test_as_completed_says_how_many_are_missing(self) -> None:  # 183
        executor = self.aio()
        with gate() as path:
            calls = [executor.submit(functions.behind, path), executor.submit(abs, -1)]
            await calls[1]
            with self.assertRaisesRegex(TimeoutError, r"1 \(of 2\) futures unfinished"):
                async for _ in aio.as_completed(calls, timeout=0.1):
                    pass

    async def test_as_completed_gives_what_has_ended_when_the_time_is_up(self) -> None:  # 184
        executor = self.aio()
        with gate() as path:
            calls = [executor.submit(abs, -i) for i in range(3)]
            await asyncio.gather(*calls)
            for timeout in (0, -1):
                given = [await call async for call in aio.as_completed(calls, timeout=timeout)]
                self.assertEqual(sorted(given), [0, 1, 2])
            given = []
            with self.assertRaisesRegex(TimeoutError, r"1 \(of 4\) futures unfinished"):
                async for call in aio.as_completed([*calls, executor.submit(functions.behind, path)], timeout=0):
                    given.append(await call)
            self.assertEqual(sorted(given), [0, 1, 2])

    async def test_map_gives_the_results_in_their_order(self) -> None:
        executor = self.aio()
        self.assertEqual([n async for n in executor.map(abs, range(-20, 0))], list(range(20, 0, -1)))
        endless = executor.map(abs, itertools.count(), buffersize=3)
        self.assertEqual([await endless.__anext__() for _ in range(10)], list(range(10)))
        await endless.aclose()  # type: ignore[attr-defined]

    async def test_a_call_that_nobody_holds_is_gone_with_its_result(self) -> None:
        executor = self.aio(max_unaccepted=1)
        calls: List[Any] = [executor.submit(set, "ab") for _ in range(10)]
        left = [weakref.ref(result) for result in await asyncio.gather(*calls)]
        left += [weakref.ref(call) for call in calls]
        del calls
        gone: Callable[[], bool] = lambda: gc.collect() is not None and all(reference() is None for reference in left)
        await asyncio.get_running_loop().run_in_executor(None, wait_until, gone, "their end")

    async def test_a_call_that_failed_is_gone_too(self) -> None:
        async def fail(executor: aio.Executor) -> "weakref.ref[Any]":
            call = executor.submit(divmod, 1, 0)
            try:
                await call
            except ZeroDivisionError:
                pass
            return weakref.ref(call)

        executor = self.aio()
        reference = await fail(executor)
        gone: Callable[[], bool] = lambda: gc.collect() is not None and reference() is None
        await asyncio.get_running_loop().run_in_executor(None, wait_until, gone, "its end")

    async def test_cancelling_cancels_the_task(self) -> None:  # 127
        with gate() as path:
            plain = self.executor(max_workers=1)
            executor = aio.Executor.of(plain)
            executor.submit(functions.behind, path)
            pending = plain.submit(abs, -1)
            wrapped = asyncio.wrap_future(pending)
            wrapped.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await wrapped
            await asyncio.sleep(0)  # asyncio hands the cancellation on in a callback.
            self.assertTrue(pending.cancelled())
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(executor.submit(abs, -1), 0.05)
            open_gate(path)

    async def test_a_full_window_does_not_block_the_loop(self) -> None:  # 17
        with gate() as path:
            executor = self.aio(max_workers=1, max_unaccepted=1)
            calls = [executor.submit(abs, -i) for i in range(30)]
            open_gate(path)
            self.assertEqual(await asyncio.gather(*calls), list(range(30)))

    async def test_run_in_executor_takes_it(self) -> None:  # 127
        loop = asyncio.get_running_loop()
        executor = self.executor()
        self.assertEqual(await loop.run_in_executor(executor, abs, -3), 3)
        self.assertEqual(await loop.run_in_executor(executor.options(timeout=30), abs, -3), 3)

    def test_the_module_is_there_without_importing_it(self) -> None:
        self.assertIs(futured.aio, aio)


class BusyDaemon(unittest.IsolatedAsyncioTestCase):
    """It takes its time to accept calls, and to answer."""

    def serve(self, script: Script, **options: Any) -> futured.Executor:
        daemon = ScriptedDaemon(script)
        executor = futured.Executor(daemon.address, reconnect_timeout=1, **options)
        self.addCleanup(executor.shutdown)
        self.addCleanup(daemon.__exit__)
        return executor

    async def until(self, condition: Callable[[], object]) -> None:
        await asyncio.get_running_loop().run_in_executor(None, wait_until, condition)

    async def test_cancelling_tells_the_daemon_and_waits_for_nothing(self) -> None:  # 127
        told: List[int] = []
        read = threading.Event()

        def script(talk: Conversation) -> Iterator[Any]:
            yield welcome()
            talk.read_submits(4)
            read.set()
            told.extend(counter for _ in range(4) for counter in talk.read_cancel().counters)
            talk.read_to_end()

        executor = aio.Executor.of(self.serve(script, cancel_timeout=5))
        calls = [executor.submit("any") for _ in range(4)]
        await self.until(read.is_set)
        start = time.monotonic()
        for call in calls:
            call.cancel()
        await asyncio.wait(calls)
        self.assertLess(time.monotonic() - start, 5)
        self.assertTrue(all(call.cancelled() for call in calls))
        await self.until(lambda: sorted(told) == [1, 2, 3, 4])

    async def test_what_a_thread_submits_for_a_cancelled_call_is_cancelled(self) -> None:  # 17
        room = threading.Event()

        def script(talk: Conversation) -> Iterator[Any]:
            yield welcome()
            talk.read_submits(1)
            room.wait(PATIENCE)
            yield outcomes(1, [1])
            cancel = talk.read_cancel()
            if cancel.counters:
                yield cancel_answered(cancel, future_pb2.CANCEL_EFFECT_CANCELLED)
            talk.read_to_end()

        executor = self.serve(script, max_unaccepted=1)
        begun: List[Any] = []
        submitted: List[futured.Future[Any]] = []
        submit = executor._session.submit

        def recorded(*call: Any) -> Any:
            begun.append(call)
            submitted.append(submit(*call))
            return submitted[-1]

        executor._session.submit = recorded  # type: ignore[method-assign]
        calls = [aio.Executor.of(executor).submit("any") for _ in range(2)]
        await self.until(lambda: len(begun) == 2)
        calls[1].cancel()
        room.set()
        await asyncio.wait(calls)
        self.assertEqual((calls[0].result(), calls[1].cancelled()), (1, True))
        await self.until(lambda: len(submitted) == 2 and submitted[1].cancelled())

    async def test_no_room_for_its_bytes_does_not_block_the_loop(self) -> None:  # 17
        room = threading.Event()
        loop_went_on: List[bool] = []

        def script(talk: Conversation) -> Iterator[Any]:
            yield welcome()
            talk.read_submits(1)
            loop_went_on.append(room.wait(5))
            for counter in (1, 2):
                yield outcomes(counter, [counter])
                talk.read_submits(1)

        executor = aio.Executor.of(self.serve(script, max_unaccepted_bytes=1000))
        calls = [executor.submit("any", b"x" * 600) for _ in range(2)]
        room.set()
        self.assertEqual(await asyncio.gather(*calls), [1, 2])
        self.assertEqual(loop_went_on, [True])

    async def test_a_call_that_was_never_submitted_has_no_progress(self) -> None:
        def script(talk: Conversation) -> Iterator[Any]:
            yield welcome()
            talk.read_to_end()

        executor = aio.Executor.of(self.serve(script, max_unaccepted=1))
        calls = [executor.submit("any") for _ in range(2)]
        for call in calls:
            call.cancel()

        async def reports() -> List[futured.Progress]:
            return [report async for report in aio.progress(calls[1])]

        self.assertEqual(await asyncio.wait_for(reports(), 5), [])


if __name__ == "__main__":
    unittest.main()
