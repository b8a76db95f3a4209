"""What a client does when the connection breaks or the daemon is restarted. Numbers are those of docs/semantics.md."""

import concurrent.futures
import os
import signal
import socket
import tempfile
import threading
import time
import unittest
from typing import Callable, List, Optional

from support import PATIENCE, Daemon, gate, open_gate, wait_until

import functions_for_tests as functions
import futured


class Proxy:
    """A connection to the daemon that can be cut. No thread of it outlives `close`."""

    def __init__(self, target: str) -> None:
        host, port = target.rsplit(":", 1)
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self._sockets: List[socket.socket] = []
        self._open = True
        self.refused = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if not self._open:
                client.close()
                self.refused += 1
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._target) as server:
            self._sockets += [client, server]
            if not self._open:
                self.cut()
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join()

    def cut(self) -> None:
        ends, self._sockets = self._sockets, []
        _shut(*ends)

    def refuse(self, refuse: bool) -> None:
        self._open = not refuse
        if refuse:
            self.cut()

    def close(self) -> None:
        _shut(self._listener)  # Ends the wait in accept(), as closing alone would not.
        self._listener.close()
        self.cut()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while True:
            data = source.recv(1 << 16)
            if not data:
                break
            sink.sendall(data)
    except OSError:
        pass
    _shut(source, sink)


def _shut(*ends: socket.socket) -> None:
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # It is already.


class ReconnectTest(unittest.TestCase):
    def setUp(self) -> None:
        self.daemon = self.start()

    def start(self, **options: object) -> Daemon:
        daemon = Daemon(**options)  # type: ignore[arg-type]
        self.addCleanup(daemon.stop)
        return daemon

    def executor(self, address: Optional[str] = None, **options: object) -> futured.Executor:
        made = futured.Executor(address or self.daemon.address, **options)  # type: ignore[arg-type]
        self.addCleanup(made.shutdown, True, cancel_futures=True)
        return made

    def proxy(self) -> Proxy:
        proxy = Proxy(self.daemon.address)
        self.addCleanup(proxy.close)
        return proxy

    def test_a_cut_connection_loses_nothing_and_repeats_nothing(self) -> None:  # 5, 124, 162
        proxy = self.proxy()
        executor = self.executor(proxy.address)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "calls")
            futures = []
            for i in range(500):
                futures.append(executor.submit(functions.append, path, str(i)))
                if i % 100 == 50:
                    proxy.cut()
            done, rest = concurrent.futures.wait(futures, PATIENCE)
            self.assertFalse(rest)
            self.assertFalse([future for future in done if future.exception()])
            with open(path) as file:
                self.assertEqual(sorted(map(int, file.read().split())), list(range(500)))

    def test_an_outcome_that_came_while_nobody_listened_arrives(self) -> None:  # 162
        proxy = self.proxy()
        executor = self.executor(proxy.address)
        with gate() as path:
            future = executor.submit(functions.behind, path, 4)
            wait_until(future.running, "it to run")
            proxy.refuse(True)
            open_gate(path)
            self.assertEqual(self.executor().submit(abs, -1).result(PATIENCE), 1)
            self.assertFalse(future.done())
            proxy.refuse(False)
            self.assertEqual(future.result(PATIENCE), 4)

    def test_calls_beside_the_session_wait_for_the_daemon_too(self) -> None:  # 162
        proxy = self.proxy()
        executor = self.executor(proxy.address)
        future = executor.options(retention=600.0).submit(abs, -3)
        future.result(PATIENCE)
        calls: List[Callable[[], object]] = [lambda: list(future.logs()), executor.kill_workers]
        for call in calls:
            proxy.refuse(True)
            refused = proxy.refused
            with concurrent.futures.ThreadPoolExecutor() as threads:
                told = threads.submit(call)
                wait_until(lambda: proxy.refused > refused, "it to look for the daemon")
                self.assertFalse(told.done())
                proxy.refuse(False)
                self.assertIn(told.result(PATIENCE), ([], None))

    def test_calls_beside_the_session_give_up_in_time(self) -> None:
        executor = self.executor(reconnect_timeout=0.2)
        future = executor.options(retention=600.0).submit(abs, -3)
        future.result(PATIENCE)
        self.daemon.kill()
        for call in (lambda: list(future.logs()), executor.kill_workers):
            with self.assertRaises(futured.ConnectionLost):
                call()

    def test_a_daemon_that_is_not_there_is_waited_for(self) -> None:  # 162
        proxy = self.proxy()
        proxy.refuse(True)
        future = self.executor(proxy.address).submit(abs, -3)
        self.assertFalse(future.done())
        proxy.refuse(False)
        self.assertEqual(future.result(PATIENCE), 3)

    def test_calls_with_large_labels_of_their_own_arrive_however_many_there_are(self) -> None:  # 162
        proxy = self.proxy()
        proxy.refuse(True)
        executor = self.executor(proxy.address, reconnect_timeout=10)
        futures = []
        for i in range(1000):
            labels = {f"label{n}": f"{i}".ljust(250, "x") for n in range(30)}
            futures.append(executor.options(labels=labels).submit(abs, -i))
        proxy.refuse(False)
        self.assertEqual([future.result(PATIENCE) for future in futures], list(range(1000)))

    def test_out_of_reach_for_too_long_the_futures_fail(self) -> None:  # 56, 162
        proxy = self.proxy()
        executor = self.executor(proxy.address, reconnect_timeout=0.5)
        with gate() as path:
            future = executor.submit(functions.behind, path)
            wait_until(future.running, "it to run")
            proxy.refuse(True)
            with self.assertRaisesRegex(futured.ConnectionLost, "no connection to"):
                future.result(PATIENCE)
        with self.assertRaises(futured.ConnectionLost):
            executor.submit(abs, -1)
        executor.shutdown()
        with self.assertRaises(futured.ConnectionLost):  # 14
            executor.submit(abs, -1)

    def test_an_unreachable_daemon_gives_no_guess_at_cancel(self) -> None:  # 104
        proxy = self.proxy()
        executor = self.executor(proxy.address, cancel_timeout=0.2)
        with gate() as path:
            future = executor.submit(functions.behind, path)
            wait_until(future.running, "it to run")
            proxy.refuse(True)
            self.assertFalse(future.cancel())
            unsent = executor.submit(abs, -1)
            self.assertTrue(unsent.cancel())
            proxy.refuse(False)

    def test_an_unknown_executor_breaks_it(self) -> None:
        executor = self.executor(executor="nowhere")
        with self.assertRaisesRegex(futured.SessionBroken, "nowhere"):
            executor.submit(abs, -1).result(PATIENCE)
        with self.assertRaises(futured.SessionBroken):
            executor.submit(abs, -1)

    def test_a_restart_in_mid_map_goes_on(self) -> None:  # 162
        daemon = self.start(memory=False)
        executor = self.executor(daemon.address)
        results = executor.options(retries=3).map(functions.slow_square, range(60))
        taken = [next(results) for _ in range(10)]
        daemon.restart()
        taken.extend(results)
        self.assertEqual(taken, [i * i for i in range(60)])

    def test_what_ran_when_the_daemon_died_says_so(self) -> None:  # 162
        daemon = self.start(memory=False)
        executor = self.executor(daemon.address, max_workers=1)
        with gate() as path:
            # At most once: otherwise it may begin again, when the daemon dies before it has stored the beginning.
            running = executor.options(at_most_once=True).submit(functions.behind, path)
            pending = executor.submit(abs, -6)
            wait_until(running.running, "it to run")
            daemon.restart()
            with self.assertRaises(futured.DaemonRestarted):
                running.result(PATIENCE)
            self.assertEqual(pending.result(PATIENCE), 6)

    def test_a_restart_without_a_store_fails_what_was_lost(self) -> None:  # 162
        executor = self.executor(max_workers=1)
        with gate() as path:
            running = executor.submit(functions.behind, path)
            wait_until(running.running, "it to run")
            self.daemon.restart()
            with self.assertRaisesRegex(futured.UnknownFuture, "restarted"):
                running.result(PATIENCE)
        self.assertEqual(executor.submit(abs, -1).result(PATIENCE), 1)

    def test_a_daemon_that_is_stopped_for_a_while_is_waited_for(self) -> None:  # 165
        executor = self.executor()
        executor.submit(abs, -1).result(PATIENCE)
        self.daemon.signal(signal.SIGSTOP)
        try:
            futures = [executor.submit(abs, -i) for i in range(100)]
            time.sleep(0.2)
            self.assertFalse(any(future.done() for future in futures))
        finally:
            self.daemon.signal(signal.SIGCONT)
        self.assertEqual([future.result(PATIENCE) for future in futures], list(range(100)))

    def test_a_full_daemon_makes_submit_wait_and_keeps_the_order(self) -> None:  # 17
        daemon = self.start(keys="max_pending = 20", workers=1)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "calls")
            executor = self.executor(daemon.address, max_workers=1, max_unaccepted=50)
            futures = [executor.submit(functions.append, path, str(i)) for i in range(400)]
            for future in futures:
                self.assertIsNone(future.result(PATIENCE))
            with open(path) as file:
                self.assertEqual(file.read().split(), [str(i) for i in range(400)])

    def test_a_full_executor_takes_cancels(self) -> None:  # 17, 104
        daemon = self.start(keys="max_pending = 5", workers=1)
        executor = self.executor(daemon.address, max_workers=1)
        with gate() as path:
            first = executor.submit(functions.behind, path)
            rest = [executor.submit(abs, -i) for i in range(20)]
            wait_until(first.running, "it to run")
            self.assertTrue(rest[-1].cancel())
            executor.shutdown(wait=False, cancel_futures=True)
            open_gate(path)
            executor.shutdown()
            self.assertTrue(all(future.done() for future in rest))


if __name__ == "__main__":
    unittest.main()
