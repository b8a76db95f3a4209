"""HTTP/2 by hand: frames, headers, and a client that says what it is told to, right or wrong.

RFC 9113 and 7541, of them what these tests need. Headers are sent as literals without Huffman coding, and never enter a
table; what the daemon sends may use the static table, as it is told that our own table has no room.
"""
import select
import socket
import ssl
import struct
import time

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS = 1, 1, 4
HEADER_TABLE_SIZE, INITIAL_WINDOW_SIZE, MAX_HEADER_LIST_SIZE = 1, 4, 6
PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
CANCEL = 8
MAX_FRAME = 16384
LARGEST_WINDOW = (1 << 31) - 1
# Nothing below takes longer.
PATIENCE = 60

STATIC_TABLE = [(b'', b'')] + [tuple(line.encode().partition(b'=')[::2]) for line in (
    ':authority :method=GET :method=POST :path=/ :path=/index.html :scheme=http :scheme=https :status=200 :status=204 '
    ':status=206 :status=304 :status=400 :status=404 :status=500 accept-charset accept-encoding=gzip,deflate '
    'accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control '
    'content-disposition content-encoding content-language content-length content-location content-range content-type '
    'cookie date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since '
    'last-modified link location max-forwards proxy-authenticate proxy-authorization range referer refresh retry-after '
    'server set-cookie strict-transport-security transfer-encoding user-agent vary via www-authenticate').split()]


class Closed(Exception):
    """The daemon has closed the connection."""


class Silence(Exception):
    """The daemon has said nothing for too long."""


def frame(kind, flags, stream, payload=b''):
    return struct.pack('>I', len(payload))[1:] + struct.pack('>BBI', kind, flags, stream) + payload


def settings(values=()):
    return frame(SETTINGS, 0, 0, b''.join(struct.pack('>HI', *pair) for pair in values))


def integer(value, bits, first=0):
    """An HPACK integer in a prefix of so many bits, below those of `first`."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    out, value = bytearray([first | most]), value - most
    while value >= 128:
        out.append(value % 128 | 128)
        value //= 128
    return bytes(out + bytes([value]))


def literal(name, value):
    """One header, never indexed."""
    name, value = (text if isinstance(text, bytes) else text.encode() for text in (name, value))
    return b'\0' + integer(len(name), 7) + name + integer(len(value), 7) + value


def block(headers):
    return b''.join(literal(name, value) for name, value in headers)


def request_headers(path, more=(), leave_out=()):
    standard = [(':method', 'POST'), (':scheme', 'http'), (':path', path), (':authority', 'localhost'),
                ('te', 'trailers'), ('content-type', 'application/grpc')]
    return [(name, value) for name, value in standard if name not in leave_out] + list(more)


def message(body, compressed=False, length=None):
    """A message as gRPC frames it; `length` may lie."""
    return struct.pack('>BI', compressed, len(body) if length is None else length) + body


def parse_headers(data):
    """The headers of a block."""
    headers, position = [], 0

    def number(bits):
        nonlocal position
        most = (1 << bits) - 1
        value, shift = data[position] & most, 0
        position += 1
        if value < most:
            return value
        while True:
            byte = data[position]
            position += 1
            value += (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def text():
        nonlocal position
        # No test reads a text in Huffman coding: the daemon has none but the details of errors.
        is_coded = data[position] & 128
        length = number(7)
        position += length
        return b'' if is_coded else data[position - length:position]

    while position < len(data):
        first = data[position]
        if first & 0x80:
            headers.append(STATIC_TABLE[number(7)])
        elif first & 0xe0 == 0x20:
            number(5)  # A new size of the table.
        else:
            index = number(6 if first & 0x40 else 4)
            name = STATIC_TABLE[index][0] if index else text()
            headers.append((name, text()))
    return {name.decode(): value.decode() for name, value in headers}


class Answer:
    """How a stream ended: `status` is gRPC's; None where the daemon reset the stream, with an HTTP/2 code as `reset`."""

    def __init__(self):
        self.headers, self.body, self.reset, self.ended = {}, b'', None, False

    @property
    def status(self):
        return int(self.headers['grpc-status']) if 'grpc-status' in self.headers else None

    @property
    def text(self):
        return self.headers.get('grpc-message', '')

    @property
    def messages(self):
        found, rest = [], self.body
        while rest:
            length = struct.unpack('>I', rest[1:5])[0]
            found.append(rest[5:5 + length])
            rest = rest[5 + length:]
        return found

    def __repr__(self):
        return f'status {self.status}, reset {self.reset}, {self.text!r}, {len(self.body)} bytes'


class Connection:
    """A client's end of one connection. `polite` ones acknowledge settings and pings, and open windows as they read."""

    def __init__(self, sock, polite=True, window=LARGEST_WINDOW, preface=True):
        self.socket, self.polite = sock, polite
        self.answers, self.goaway, self.closed = {}, None, False
        self.settings_acknowledged, self.pings_acknowledged = 0, 0
        self._unread, self._next_stream = bytearray(), 1
        self._blocks = {}
        # What the daemon lets us send: on the connection, on each stream, and on a new one.
        self._window, self._windows, self._initial_window = 65535, {}, 65535
        sock.setblocking(False)
        if preface:
            opening = PREFACE + settings([(HEADER_TABLE_SIZE, 0), (INITIAL_WINDOW_SIZE, window)])
            if window == LARGEST_WINDOW:
                opening += frame(WINDOW_UPDATE, 0, 0, struct.pack('>I', LARGEST_WINDOW - 65535))
            # The daemon speaks at once, but no answer may come before it.
            self.send(opening, listening=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data, listening=True):
        """Sends all of it, and takes in what comes meanwhile unless it is not to. False: the daemon has closed."""
        rest, end = memoryview(data), time.monotonic() + PATIENCE
        while rest and not self.closed:
            if time.monotonic() > end:
                raise Silence(f'{len(rest)} bytes were not taken')
            readable, writable, _ = select.select([self.socket] if listening else [], [self.socket], [], 1)
            if readable:
                self._take_in()
            if writable:
                rest = rest[self._send_some(rest[:65536]):]
        return not self.closed

    def _send_some(self, data):
        try:
            return self.socket.send(data)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0
        except OSError:
            self.closed = True
            return 0

    def _take_in(self):
        try:
            data = self.socket.recv(1 << 18)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError:
            data = b''
        self.closed = self.closed or not data
        self._unread += data
        self._parse()

    def _parse(self):
        position, replies = 0, []
        while len(self._unread) - position >= 9:
            length = int.from_bytes(self._unread[position:position + 3], 'big')
            if len(self._unread) - position < 9 + length:
                break
            kind, flags, stream = struct.unpack('>BBI', self._unread[position + 3:position + 9])
            reply = self._hear(kind, flags, stream & LARGEST_WINDOW,
                               bytes(self._unread[position + 9:position + 9 + length]))
            replies.append(reply or b'')
            position += 9 + length
        del self._unread[:position]
        if self.polite and any(replies):
            self.send(b''.join(replies), listening=False)

    def _hear(self, kind, flags, stream, payload):
        """Takes in a frame, and gives the polite reply to it."""
        answer = self.answers.get(stream)
        if kind == WINDOW_UPDATE:
            return self._widen(stream, struct.unpack('>I', payload)[0])
        if kind == SETTINGS:
            self._adopt(payload)
            self.settings_acknowledged += bool(flags & ACK)
            return None if flags & ACK else frame(SETTINGS, ACK, 0)
        if kind == PING:
            self.pings_acknowledged += bool(flags & ACK)
            return None if flags & ACK else frame(PING, ACK, 0, payload)
        if kind == GOAWAY:
            self.goaway = (struct.unpack('>I', payload[4:8])[0], payload[8:])
        if answer is None:
            return None
        if kind in (HEADERS, CONTINUATION):
            self._blocks[stream] = self._blocks.get(stream, b'') + payload
            if flags & END_HEADERS:
                answer.headers.update(parse_headers(self._blocks.pop(stream)))
        elif kind == DATA:
            answer.body += payload
        elif kind == RST_STREAM:
            answer.reset, answer.ended = struct.unpack('>I', payload)[0], True
        if kind in (HEADERS, DATA) and flags & END_STREAM:
            answer.ended = True
        if kind == DATA and payload:
            more = struct.pack('>I', len(payload))
            return frame(WINDOW_UPDATE, 0, 0, more) + (b'' if answer.ended else frame(WINDOW_UPDATE, 0, stream, more))
        return None

    def _widen(self, stream, more):
        if stream:
            self._windows[stream] = self._windows.get(stream, 0) + more
        else:
            self._window += more

    def _adopt(self, payload):
        for i in range(0, len(payload), 6):
            name, value = struct.unpack('>HI', payload[i:i + 6])
            if name == INITIAL_WINDOW_SIZE:
                for stream in self._windows:
                    self._windows[stream] += value - self._initial_window
                self._initial_window = value

    def listen_until(self, condition, patience=PATIENCE):
        """Takes in what comes until the condition holds. Raises Closed and Silence."""
        end = time.monotonic() + patience
        while not condition():
            if self.closed:
                raise Closed(self.goaway)
            if time.monotonic() > end:
                raise Silence('the daemon does not answer')
            pending = isinstance(self.socket, ssl.SSLSocket) and self.socket.pending()
            if pending or select.select([self.socket], [], [], 0.2)[0]:
                self._take_in()

    def wait_for_end(self, patience=PATIENCE):
        """Until the daemon has closed the connection. Raises Silence."""
        self.listen_until(lambda: self.closed, patience)

    def new_stream(self):
        stream = self._next_stream
        self._next_stream += 2
        self.answers[stream] = Answer()
        self._windows[stream] = self._initial_window
        return stream

    def headers(self, headers, flags=END_HEADERS):
        """The frame that opens a new stream, and the stream."""
        stream = self.new_stream()
        return frame(HEADERS, flags, stream, block(headers)), stream

    def begin(self, path, body, more=(), framed=None):
        """Sends a call, and gives its stream."""
        opening, stream = self.headers(request_headers(path, more))
        data = message(body) if framed is None else framed
        if len(data) <= self._room(stream):
            self._window -= len(data)
            self.send(opening + frame(DATA, END_STREAM, stream, data))
        else:
            self.send(opening)
            self.send_data(stream, data)
        return stream

    def send_data(self, stream, data, last=True):
        """As much as the daemon's windows let through at each time; it may end the stream before that is all."""
        rest = memoryview(data)
        while rest:
            self.listen_until(lambda: self._room(stream) or self.answers[stream].ended)
            if self.answers[stream].ended:
                return
            piece, rest = rest[:self._room(stream)], rest[self._room(stream):]
            self._window -= len(piece)
            self._windows[stream] -= len(piece)
            self.send(frame(DATA, 0 if rest or not last else END_STREAM, stream, bytes(piece)))

    def _room(self, stream):
        return max(0, min(MAX_FRAME, self._window, self._windows[stream]))

    def end_of(self, stream, patience=PATIENCE):
        """The answer, once it is complete."""
        self.listen_until(lambda: self.answers[stream].ended, patience)
        return self.answers[stream]

    def call(self, path, body=b'', **more):
        return self.end_of(self.begin(path, body, **more))


def connect(address):
    """A plain TCP connection to "HOST:PORT"."""
    host, port = address.rsplit(':', 1)
    return socket.create_connection((host.strip('[]'), int(port)), PATIENCE)
