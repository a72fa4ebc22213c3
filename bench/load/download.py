"""A client that takes large files as fast as a server gives them: it lets the kernel drop the bodies unread."""

import select
import socket
import time
from collections import namedtuple

import measure

BLOCK = 4 << 20  # most of a body dropped by one call; the kernel seldom holds as much

# received counts the bodies' bytes; cpu is this client's own, in seconds.
Downloads = namedtuple("Downloads", "received seconds cpu")


class _Connection:
    def __init__(self, port, path):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.setblocking(False)
        self.request = b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % path.encode()
        self.ask()

    def ask(self):
        self.head, self.left = b"", 0
        self.socket.send(self.request)  # a new or an idle connection takes that much

    def receive(self, sink):
        """How much of a body was there; asks again behind its end."""
        if not self.left:
            return self.receive_head()
        # tcp(7): with MSG_TRUNC the bytes are counted and not copied.
        return self.count(self.some(self.socket.recv_into(sink, min(self.left, BLOCK), socket.MSG_TRUNC)))

    def receive_head(self):
        self.head, mark, body = (self.head + self.some(self.socket.recv(4096))).partition(b"\r\n\r\n")
        if not mark:
            return 0
        self.left = self.length()
        return self.count(len(body))

    def some(self, received):
        if not received:
            raise measure.Unavailable("closed the connection during a download")
        return received

    def count(self, received):
        self.left -= received
        if not self.left:
            self.ask()
        return received

    def length(self):
        fields = self.head.lower().split(b"\r\n")
        if not fields[0].startswith(b"http/1.1 200 "):
            raise measure.Unavailable("answers a download with %r" % fields[0])
        return next(int(field[15:]) for field in fields if field.startswith(b"content-length:"))


def run(port, path, connections, seconds):
    """The same file over several connections, again and again, for so long."""
    sink, poll, open_ones = bytearray(BLOCK), select.epoll(), {}
    received, cpu, start = 0, time.process_time(), time.monotonic()
    try:
        for _ in range(connections):
            connection = _Connection(port, path)
            open_ones[connection.socket.fileno()] = connection
            poll.register(connection.socket, select.EPOLLIN)
        while time.monotonic() < start + seconds:
            events = poll.poll(measure.STOP_TIMEOUT)
            if not events:
                raise measure.Unavailable("sent nothing for %d s during a download" % measure.STOP_TIMEOUT)
            for number, _ in events:
                received += open_ones[number].receive(sink)
        return Downloads(received, time.monotonic() - start, time.process_time() - cpu)
    finally:
        for connection in open_ones.values():
            connection.socket.close()
        poll.close()
