"""Slow clients by the thousand in one process: heads byte by byte, responses and bodies at a thousand bytes a second.

They never close by themselves and never stop: a connection that was answered goes on sending until the kernel says that
nobody is there any more.
"""

import heapq
import multiprocessing
import os
import select
import signal
import socket
import time
from dataclasses import dataclass
from typing import Optional

import measure

HEAD, READ, UPLOAD = "heads", "readers", "uploads"
KINDS = (HEAD, READ, UPLOAD)
NETWORKS = {HEAD: 1, READ: 2, UPLOAD: 3}  # the second byte of 127.N.x.y
READERS = ("/generated", "/bytes", "/files/large.bin")
BODY = 1_000_000
PACE = 1000  # bytes a second
NEVER = b"GET /never HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + b"a" * 4096  # no end is ever sent
ROUND = 0.005  # seconds; what is due within one is sent in one go, because waking up costs more than a send
IP_BIND_ADDRESS_NO_PORT = 24  # ip(7); the port is chosen at connect, so that it needs to be free for this peer only


@dataclass
class Record:
    """What became of one connection. Times are time.monotonic()."""

    kind: str
    way: str  # the path, or how the body is framed
    peer: bytes = b""  # as /proc/net/tcp writes the address and port
    start: Optional[float] = None  # the first byte sent
    answered: Optional[float] = None  # the first byte received
    ended: Optional[float] = None  # nobody is there any more, as the client sees it
    status: str = ""
    sent: int = 0
    received: int = 0
    how: str = ""


class Attacker:
    """One connection that does its share whenever it is due."""

    def __init__(self, number, kind, way, interval):
        self.number, self.kind, self.way, self.interval = number, kind, way, interval
        self.socket = self.record = None

    def open(self, address, one_address):
        self.record = Record(self.kind, self.way)
        self.socket = socket.socket()
        self.socket.setblocking(False)
        if self.kind == READ:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        if not one_address:
            self.socket.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
            self.socket.bind(("127.%d.%d.%d" % (NETWORKS[self.kind], self.number >> 8 & 255, self.number & 255), 0))
        self.socket.connect_ex(address)
        host, port = self.socket.getsockname()
        self.record.peer = b"%02X%02X%02X%02X:%04X" % (*reversed([int(part) for part in host.split(".")]), port)
        self.pending = self.first()

    def first(self):
        if self.kind == HEAD:
            return NEVER[:1]
        if self.kind == READ:
            return b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % self.way.encode()
        framing = "Content-Length: %d" % BODY if self.way == "length" else "Transfer-Encoding: chunked"
        return b"POST /upload HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n\r\n" % framing.encode()

    def next(self):
        if self.kind == HEAD:
            return NEVER[self.record.sent:self.record.sent + 1]
        if self.kind == READ or self.record.sent >= BODY:
            return b""
        block = b"a" * PACE
        return block if self.way == "length" else b"%x\r\n%s\r\n" % (PACE, block)

    def due(self):
        """False when the connection is at its end."""
        if self.record.start is not None and self.kind == READ:
            return self.receive(PACE)
        self.pending = self.pending or self.next()
        try:
            sent = self.socket.send(self.pending) if self.pending else 0
        except BlockingIOError:  # the server does not read, or the connection still waits to be accepted
            return True
        except OSError as error:
            return self.end(os.strerror(error.errno))
        self.pending = self.pending[sent:]
        self.record.sent += sent
        if self.record.start is None:
            self.record.start = time.monotonic()
        return True

    def receive(self, most):
        try:
            block = self.socket.recv(most)
        except BlockingIOError:
            return True
        except OSError as error:
            return self.end(os.strerror(error.errno))
        if not block:
            # Who uploads goes on until the other side is gone for good.
            return self.end("end of file") if self.kind == READ else True
        self.record.received += len(block)
        if self.record.answered is None:
            self.record.answered = time.monotonic()
            self.record.status = block[9:12].decode("latin-1")
        return True

    def end(self, how):
        self.record.ended, self.record.how = time.monotonic(), how
        self.socket.close()
        self.socket = None
        return False


class Crowd:
    def __init__(self, address, attackers, ramp, one_address, persist):
        self.address, self.one_address, self.persist = address, one_address, persist
        self.attackers, self.by_fd, self.records = attackers, {}, []
        begin = time.monotonic()
        self.queue = [(begin + ramp * number / len(attackers), number) for number in range(len(attackers))]
        self.poll = select.epoll()

    def step(self):
        now = time.monotonic()
        while self.queue and self.queue[0][0] <= now:
            due, number = heapq.heappop(self.queue)
            attacker = self.attackers[number]
            if attacker.socket is None:
                if attacker.record is not None and not self.persist:
                    continue
                self.open(attacker)
            # Who was closed comes back when it would have been its turn again.
            if attacker.due() or self.persist:
                heapq.heappush(self.queue, (max(due, now - attacker.interval) + attacker.interval, number))

    def open(self, attacker):
        attacker.open(self.address, self.one_address)
        self.records.append(attacker.record)
        self.by_fd[attacker.socket.fileno()] = attacker
        # Edges only: what a slow reader leaves in its buffer, and what was half-closed, would be told again and again.
        wanted = select.EPOLLET | select.EPOLLRDHUP
        self.poll.register(attacker.socket, wanted | (0 if attacker.kind == READ else select.EPOLLIN))

    def told(self, events):
        for fd, event in events:
            attacker = self.by_fd.get(fd)
            if attacker is None or attacker.socket is None or attacker.socket.fileno() != fd:
                continue
            if event & (select.EPOLLERR | select.EPOLLHUP):
                if attacker.kind != READ:
                    attacker.receive(4096)  # an answer that came before the reset
                if attacker.socket is not None:
                    error = attacker.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    attacker.end(os.strerror(error) if error else "hangup")
            elif event & select.EPOLLIN and attacker.kind != READ:
                attacker.receive(4096)


def _attack(address, attackers, ramp, one_address, persist, pipe):
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us ends us
    measure.die_with_parent()
    crowd = Crowd(address, attackers, ramp, one_address, persist)
    crowd.poll.register(pipe.fileno(), select.EPOLLIN)
    cpu = time.process_time()
    while True:
        crowd.step()
        wait = crowd.queue[0][0] - time.monotonic() if crowd.queue else 1.0
        events = crowd.poll.poll(max(wait, ROUND))
        if any(fd == pipe.fileno() for fd, _ in events):
            break
        crowd.told(events)
    pipe.send((crowd.records, time.process_time() - cpu))


def crowd(counts, head_interval):
    """Who attacks: the kinds are mixed, so that they come together."""
    kinds = [(number / max(counts[kind], 1), kind, number) for kind in KINDS for number in range(counts[kind])]
    ways = {HEAD: ("",), READ: READERS, UPLOAD: ("length", "chunked")}
    return [Attacker(number, kind, ways[kind][number % len(ways[kind])], head_interval if kind == HEAD else 1.0)
            for _, kind, number in sorted(kinds)]


class Attack:
    """The attackers' process, from construction to stop()."""

    def __init__(self, port, counts, head_interval, ramp, one_address, persist):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(
            target=_attack, daemon=True,
            args=(("127.0.0.1", port), crowd(counts, head_interval), ramp, one_address, persist, theirs))
        self.process.start()
        theirs.close()

    def cpu(self):
        return measure.cpu_seconds(self.process.pid)

    def stop(self):
        """(records, CPU seconds of the attackers)."""
        try:
            self.pipe.send("stop")
            return self.pipe.recv()
        except (EOFError, OSError) as error:
            raise measure.Unavailable("the attackers ended by themselves: %s" % error)
        finally:
            self.process.join(measure.STOP_TIMEOUT)
            if self.process.is_alive():
                self.process.kill()


def _swallow(listener):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    measure.die_with_parent()
    held = []
    while True:
        held.append(listener.accept()[0])


class Decoy:
    """Accepts and never reads: the attackers cost the machine the same here, and the server nothing."""

    def __enter__(self):
        listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.port = listener.getsockname()[1]
        self.process = multiprocessing.Process(target=_swallow, args=(listener,), daemon=True)
        self.process.start()
        listener.close()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join(measure.STOP_TIMEOUT)
