"""Frames without end that ask for answers, from a client that does not read them. D7."""
import harness
import http2
from harness import MIB, AbuseTest, report, size


class FloodTest(AbuseTest):
    frames = size('FRAMES', 5_000)
    most = 128 * MIB

    def flood(self, frame):
        """Sends it very often without reading, at a time when others are served. Whether the daemon took all of it."""
        with self.daemon.client(polite=False) as client:
            for _ in range(self.frames // 100):
                try:
                    if not client.send(frame * 100, listening=False):
                        return False
                except http2.Silence:
                    return False
            self.assert_others_are_served()
        return True

    def check(self, frame):
        busy = self.daemon.processor_seconds()
        taken = 'took' if self.flood(frame) else 'did not take'
        report(f'the daemon {taken} {self.frames} frames, in {self.daemon.processor_seconds() - busy:.2f} s')
        self.assert_memory_stays(self.most)
        self.assert_everything_returns()


class FloodsCostLittleMemory(FloodTest):
    def test_pings(self):
        """They are too many, and the connection is closed; what has come until then is answered."""
        self.check(http2.frame(http2.PING, 0, 0, b'12345678'))

    def test_settings_whose_acknowledgements_are_not_read(self):
        self.check(http2.settings([(http2.INITIAL_WINDOW_SIZE, 65535)]))

    def test_frames_of_priority(self):
        self.check(http2.frame(http2.PRIORITY, 0, 1, b'\0\0\0\0\x10'))

    def test_empty_frames_of_data(self):
        with self.daemon.client() as client:
            opening, stream = client.headers(http2.request_headers('/futured.v1.FutureService/Session'))
            client.send(opening)
            for _ in range(self.frames // 100):
                if not client.send(http2.frame(http2.DATA, 0, stream) * 100):
                    break
            self.assert_others_are_served()
        self.assert_memory_stays(self.most)
        self.assert_everything_returns()


if __name__ == '__main__':
    harness.main()
