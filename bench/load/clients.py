"""A load that accounts for every request: a process with many connections that ask again and again, and what became of each."""

import errno
import heapq
import multiprocessing
import select
import signal
import socket
import time
from collections import namedtuple

ANSWERED, REJECTED, REFUSED, LOST_FRESH, LOST_IDLE, BROKEN = range(6)
NAMES = ["answered", "rejected", "refused", "lost on a new connection", "lost on a connection closed while idle", "broken off"]
SHORT = 5  # requests of a connection that every fourth client opens anew, so that a port that is gone is noticed
PATIENCE = 30  # seconds for one answer

# One request. start, end and connected are time.monotonic(), which all processes share; port is the client's; text is the body.
Request = namedtuple("Request", "port connected start end outcome text")


class _Client:
    def __init__(self, number, port, path):
        self.address = ("127.0.0.1", port)
        self.request = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path.encode()
        self.last = b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path.encode()
        self.lifetime = SHORT if number % 4 == 3 else 0
        self.socket = None

    def begin(self):
        """Sends a request; a record when that failed at once."""
        self.start, self.received = time.monotonic(), b""
        if self.socket is None:
            self.connected, self.asked, self.port = self.start, 0, 0
            try:
                self.socket = socket.create_connection(self.address, PATIENCE)
            except OSError as error:
                return self.end(REFUSED, str(error))
            self.port = self.socket.getsockname()[1]
        self.asked += 1
        try:
            self.socket.sendall(self.last if self.asked == self.lifetime else self.request)
        except OSError as error:
            return self.lost(str(error))
        return None

    def readable(self):
        """Receives; a record when the request has ended."""
        try:
            block = self.socket.recv(65536)
        except OSError as error:
            return self.lost(str(error))
        if not block:
            return self.lost("closed")
        self.received += block
        head, mark, body = self.received.partition(b"\r\n\r\n")
        if not mark:
            return None
        fields = head.lower().split(b"\r\n")
        length = next(int(field[15:]) for field in fields if field.startswith(b"content-length:"))
        if len(body) < length:
            return None
        closes = b"connection: close" in fields or self.asked == self.lifetime
        status = int(head[9:12])
        return self.end(ANSWERED if status == 200 else REJECTED, body.decode("latin-1"), keeps=not closes)

    def lost(self, why):
        # RFC 9112 §9.3.1: a connection that was idle may be closed when the request is on its way; then it is sent again.
        return self.end(BROKEN if self.received else LOST_IDLE if self.asked > 1 else LOST_FRESH, why)

    def end(self, outcome, text, keeps=False):
        if not keeps and self.socket is not None:
            self.socket.close()  # which takes it out of epoll
            self.socket = None
        return Request(self.port, self.connected, self.start, time.monotonic(), outcome, text)


def _serve(port, path, connections, pause, pipe):
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us ends us
    clients = [_Client(number, port, path) for number in range(connections)]
    poll, by_fd, due, records = select.epoll(), {}, [(0.0, number) for number in range(connections)], []

    def ended(client, number, record):
        records.append(record)
        if record.outcome != REFUSED:  # a port that refuses one refuses the next million
            heapq.heappush(due, (record.end + pause, number))

    waiting = set()
    stopping = False
    poll.register(pipe.fileno(), select.EPOLLIN)
    while not stopping or waiting:
        while not stopping and due and due[0][0] <= time.monotonic():
            number = heapq.heappop(due)[1]
            client = clients[number]
            fresh = client.socket is None
            record = client.begin()
            if record:
                ended(client, number, record)
                continue
            if fresh:
                by_fd[client.socket.fileno()] = number
                poll.register(client.socket.fileno(), select.EPOLLIN)
            waiting.add(number)
        timeout = PATIENCE if stopping or not due else max(0.0, due[0][0] - time.monotonic())
        events = poll.poll(timeout)
        if stopping and not events:
            break
        for fd, _ in events:
            if fd == pipe.fileno():
                stopping = True
                poll.unregister(fd)
                continue
            number = by_fd[fd]
            if number not in waiting:  # closed during the pause: the next request takes a new connection
                poll.unregister(fd)
                clients[number].socket.close()
                clients[number].socket = None
                continue
            record = clients[number].readable()
            if record:
                waiting.discard(number)
                ended(clients[number], number, record)
    # What has no answer by now never gets one.
    for number in waiting:
        records.append(clients[number].end(BROKEN, "no answer within %d s" % PATIENCE))
    pipe.send(records)


class Load:
    """The load's process, from construction to stop()."""

    def __init__(self, port, connections, path="/", pause=0.0):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=_serve, args=(port, path, connections, pause, theirs), daemon=True)
        self.process.start()
        theirs.close()

    def stop(self):
        """Every request that was made."""
        try:
            self.pipe.send("stop")
            return self.pipe.recv()
        except (EOFError, OSError) as error:
            raise SystemExit("the load ended by itself: %s" % error)
        finally:
            self.process.join(PATIENCE)


def summary(records):
    return ", ".join("%d %s" % (count, NAMES[outcome]) for outcome in range(6)
                     for count in [sum(record.outcome == outcome for record in records)] if count or outcome == ANSWERED)


def failed(records):
    return [record for record in records if record.outcome not in (ANSWERED, LOST_IDLE)]


def slowest_ms(records, begin=0.0, end=float("inf")):
    """The longest that an answer took, of the requests that were under way between two moments."""
    return max((record.end - record.start for record in records
                if record.outcome == ANSWERED and record.end >= begin and record.start <= end), default=0.0) * 1000
