"""Messages by hand, and the calls of the daemon that the tests use."""
import struct

HEALTH = '/grpc.health.v1.Health/Check'
SUBMIT, RESULT, WAIT, AS_COMPLETED, GET = (
    '/futured.v1.FutureService/' + name for name in ('Submit', 'Result', 'Wait', 'AsCompleted', 'Get'))


def varint(value):
    out = bytearray()
    value &= (1 << 64) - 1
    while value >= 128:
        out.append(value % 128 | 128)
        value //= 128
    return bytes(out + bytes([value]))


def field(number, value):
    """An integer, text, or bytes (a message or bytes)."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def fields(data):
    """What a message holds: pairs of number and value."""
    found, position = [], 0

    def read_varint():
        nonlocal position
        value = shift = 0
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while position < len(data):
        key = read_varint()
        kind = key & 7
        if kind == 0:
            found.append((key >> 3, read_varint()))
        elif kind == 2:
            length = read_varint()
            found.append((key >> 3, data[position:position + length]))
            position += length
        else:
            size = {1: 8, 5: 4}[kind]
            found.append((key >> 3, struct.unpack('<Q' if size == 8 else '<I', data[position:position + size])[0]))
            position += size
    return found


def first(data, number, default=b''):
    return next((value for key, value in fields(data) if key == number), default)


def duration(seconds, nanoseconds=0):
    return field(1, seconds) + field(2, nanoseconds)


def value_of(argument):
    return field(3, argument << 1) if isinstance(argument, int) else field(6, argument)


def task(function, *arguments):
    positional = b''.join(field(1, value_of(argument)) for argument in arguments)
    return field(1, function) + field(2, positional)


def submit_request(*tasks, wait=0):
    return b''.join(field(1, each) for each in tasks) + (field(2, duration(wait)) if wait else b'')
