"""futuredctl backup."""
import contextlib
import resource
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import threading
import unittest

from harness import (INTERRUPTED, OK, PATIENCE, REFUSED, TERMINATED, TIMEOUT, UNAVAILABLE, CliTest, Daemon,
                     eventually)


def limit_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


class BackupTest(CliTest):
    def setUp(self):
        super().setUp()
        self.copies = self.directory / 'copies'
        self.copies.mkdir()
        self.copy = self.copies / 'copy.db'

    def names(self):
        return sorted(path.name for path in self.copies.iterdir())

    def left_in_data(self):
        return [path.name for path in (self.directory / 'data').iterdir() if path.name.startswith('backup-')]

    def check_refused(self, words, code=REFUSED):
        result = self.check(self.run_ctl('backup', self.copy), code, '')
        self.assertIn(words, result.err)

    def query(self, sql):
        with contextlib.closing(sqlite3.connect(self.copy)) as database:
            return database.execute(sql).fetchall()


class CopyTest(BackupTest):
    def futures(self):
        """Some of each kind. Returns their IDs."""
        ended = [self.submit('test.square', 3), self.submit('test.fail', 'a')]
        self.run_ctl('wait', *ended)
        return [*ended, self.blocked(), self.pending()]

    def test_is_a_whole_database_with_all_futures(self):
        futures = self.futures()
        out = self.check(self.run_ctl('backup', self.copy), OK).out
        self.assertEqual(out, f'{self.copy}: {self.copy.stat().st_size} bytes\n')
        self.assertEqual(self.names(), ['copy.db'])
        self.assertEqual(self.left_in_data(), [])
        self.assertEqual(stat.S_IMODE(self.copy.stat().st_mode), 0o600)
        self.assertEqual(self.query('PRAGMA integrity_check'), [('ok',)])
        self.assertEqual([row for row, in self.query('SELECT lower(hex(id)) FROM futures ORDER BY sequence')],
                         [future.replace('-', '') for future in futures])

    def test_takes_the_place_of_the_database(self):
        future = self.submit('test.square', 3)
        self.run_ctl('wait', future)
        self.check(self.run_ctl('backup', self.copy), OK)
        self.daemon.stop()
        restored = self.directory / 'restored'
        (restored / 'data').mkdir(parents=True, mode=0o700)
        shutil.copy(self.copy, restored / 'data' / 'futured.db')
        self.daemon = Daemon(restored)
        self.addCleanup(self.daemon.stop)
        self.check(self.run_ctl('result', future), OK, '9\n')

    def test_as_json(self):
        told, = self.json_lines(self.check(self.run_ctl('backup', self.copy, '--output', 'json'), OK).out)
        self.assertEqual(told, {'file': str(self.copy), 'size': self.copy.stat().st_size})

    def test_while_futures_come_is_one_state(self):
        lines = self.directory / 'items'
        lines.write_text('1\n' * 50_000)
        process = self.start('map', 'test.square', '--items', lines, stdout=subprocess.DEVNULL)
        for number in range(3):
            self.copy = self.copies / f'{number}.db'
            self.check(self.run_ctl('backup', self.copy), OK)
            self.assertEqual(self.query('PRAGMA integrity_check'), [('ok',)])
        self.check(self.finish(process), OK)


class RefusalTest(BackupTest):
    def test_an_existing_file_is_left_alone(self):
        self.copy.write_text('mine')
        self.check_refused(f'{self.copy} is there already')
        self.assertEqual((self.names(), self.copy.read_text()), (['copy.db'], 'mine'))

    def test_a_link_to_nowhere_is_left_alone(self):
        self.copy.symlink_to('elsewhere.db')
        self.check_refused('is there already')
        self.assertEqual(self.names(), ['copy.db'])

    def test_the_file_of_another_backup_is_left_alone(self):
        partial = self.copies / 'copy.db.partial'
        partial.write_text('theirs')
        self.check_refused(f'{partial} is there already')
        self.assertEqual((self.names(), partial.read_text()), (['copy.db.partial'], 'theirs'))

    def test_a_folder_that_is_not_there_is_named(self):
        self.copy = self.copies / 'nowhere' / 'copy.db'
        self.check_refused(f'{self.copy}.partial: No such file')

    def test_output_that_cannot_be_written_leaves_nothing(self):
        self.submit('test.echo', 'x' * 100_000)
        # No file may be larger than a block.
        process = self.start('backup', self.copy, preexec_fn=limit_files)
        result = self.check(self.finish(process), REFUSED, '')
        self.assertIn('File too large', result.err)
        self.assertEqual(self.names(), [])

    def test_a_daemon_that_is_gone_leaves_nothing(self):
        self.daemon.stop()
        self.check_refused('cannot reach futured', UNAVAILABLE)
        self.assertEqual(self.names(), [])


class MemoryTest(BackupTest):
    daemon_flags = ('--memory',)

    def test_has_nothing_to_copy(self):
        self.check_refused('memory only')
        self.assertEqual(self.names(), [])


class Valve:
    """A way to a daemon that lets a little of its answers through, and the rest once it is opened."""
    ROOM = 1 << 20

    def __init__(self, address):
        self.daemon = address.split(':')
        self.server = socket.create_server(('127.0.0.1', 0))
        self.address = f'127.0.0.1:{self.server.getsockname()[1]}'
        self.opened = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def open(self):
        self.opened.set()

    def close(self):
        self.open()
        self.server.close()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.server.accept()[0]
                daemon = socket.create_connection(self.daemon)
                for ends in (client, daemon), (daemon, client):
                    threading.Thread(target=self.carry, args=ends, daemon=True).start()

    def carry(self, source, sink):
        passed = 0
        with contextlib.suppress(OSError):
            while some := source.recv(1 << 16):
                passed += len(some)
                if passed > self.ROOM:
                    self.opened.wait(PATIENCE)
                sink.sendall(some)
        for end in source, sink:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class BrokenOffTest(BackupTest):
    """Backups that last until the test ends them: too much for all buffers on the way."""
    daemon_flags = ('--exit-margin=4s',)

    def setUp(self):
        super().setUp()
        self.submit_much()
        self.valve = Valve(self.daemon.address)
        self.addCleanup(self.valve.close)

    def submit_much(self):
        """64 MiB."""
        self.check(self.run_ctl('executors', 'pause', 'thread'), OK)
        lines = self.directory / 'items'
        lines.write_text(('"' + 'x' * (1 << 20) + '"\n') * 64)
        process = self.start('map', 'test.echo', '--items', lines, stdout=subprocess.DEVNULL)
        eventually(lambda: self.pending_count() == 64)
        process.kill()
        process.wait()

    def pending_count(self):
        told, = self.json_lines(self.check(self.run_ctl('executors', '--output', 'json'), OK).out)
        return told['pending']

    def under_way(self):
        """A backup of which something has come, and not all."""
        process = self.start('backup', self.copy, '--address', self.valve.address)
        partial = self.copies / 'copy.db.partial'
        eventually(lambda: partial.exists() and partial.stat().st_size > 0)
        self.assertEqual(self.left_in_data(), [])
        return process

    def check_broken_off(self, process, code):
        result = self.check(self.finish(process), code, '')
        self.assertEqual(self.names(), [])
        return result

    def test_a_daemon_that_is_killed_leaves_nothing(self):
        process = self.under_way()
        self.daemon.stop()
        self.assertEqual(self.left_in_data(), [])
        self.valve.open()
        self.check_broken_off(process, UNAVAILABLE)

    def test_a_daemon_that_ends_breaks_it_off(self):
        process = self.under_way()
        self.daemon.process.terminate()
        self.assertEqual(self.daemon.process.wait(PATIENCE), 0)
        self.valve.open()
        self.check_broken_off(process, UNAVAILABLE)

    def test_ctrl_c_and_sigterm_leave_nothing(self):
        for number, code in (signal.SIGINT, INTERRUPTED), (signal.SIGTERM, TERMINATED):
            self.valve = Valve(self.daemon.address)
            self.addCleanup(self.valve.close)
            process = self.under_way()
            process.send_signal(number)
            self.assertEqual(self.check_broken_off(process, code).err, '')
            self.valve.open()
            eventually(lambda: self.run_ctl('backup', self.copies / 'next.db').code == OK)
            (self.copies / 'next.db').unlink()

    def test_one_at_a_time(self):
        process = self.under_way()
        result = self.check(self.run_ctl('backup', self.copies / 'other.db'), REFUSED, '')
        self.assertIn('another backup', result.err)
        self.valve.open()
        self.check(self.finish(process), OK)
        self.assertEqual(self.names(), ['copy.db'])

    def test_a_timeout_ends_it(self):
        result = self.run_ctl('backup', self.copy, '--address', self.valve.address, '--timeout', '100ms')
        self.assertIn(result.code, (TIMEOUT, UNAVAILABLE), result)
        self.assertEqual(self.names(), [])


class LeftOversTest(BackupTest):
    def test_of_a_daemon_that_was_killed_are_removed_at_the_next_start(self):
        self.daemon.stop()
        data = self.directory / 'data'
        ours = [f'backup-0b5f9a3e-71c2-8d40-9e5a-000000000000.db{end}' for end in ('', '.partial', '.partial-journal')]
        theirs = ['backup-monday.db', 'backup-2026-01-01-aaaa-bbbb-cccccccccccc.db.partial', 'copy.db']
        for name in [*ours, *theirs]:
            (data / name).touch()
        (self.directory / 'port').unlink()
        restarted = Daemon(self.directory)
        self.addCleanup(restarted.stop)
        left = {path.name for path in data.iterdir()}
        self.assertLessEqual(set(theirs), left)
        self.assertEqual(left & set(ours), set())


if __name__ == '__main__':
    unittest.main()
