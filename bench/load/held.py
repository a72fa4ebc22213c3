"""Watches a server while it is attacked: its memory, the kernel's for its sockets, and which connections it holds."""

import os
import threading
import time
from dataclasses import dataclass

import measure

PAGE = os.sysconf("SC_PAGE_SIZE")
LISTEN = b"0A"
ENDING = (b"04", b"09", b"0B")  # FIN_WAIT1, LAST_ACK, CLOSING: bytes that nobody waits for any more still lie there


def connections(port):
    """Of each connection to the port: the peer, whether a process has it, and whether its bytes have no owner."""
    mark = b":%04X" % port
    with open("/proc/net/tcp", "rb", buffering=1 << 20) as file:
        next(file)  # the columns' names
        for line in file:
            at = line.index(b":")
            if line[at + 10:at + 15] == mark:
                cells = line[at + 16:].split()
                if cells[1] == LISTEN:
                    continue
                owned = cells[7] != b"0"
                yield cells[0], owned, not owned and cells[1] in ENDING


def kernel_mib():
    """What the machine's TCP sockets hold in the kernel."""
    with open("/proc/net/sockstat") as file:
        for line in file:
            if line.startswith("TCP:"):
                return int(line.split()[-1]) * PAGE / 2**20
    return 0.0


@dataclass
class Sample:
    at: float
    pss: float  # MiB
    rss: float
    kernel: float  # MiB
    held: int  # connections that the server holds
    orphans: int  # those that it has closed, and whose bytes the kernel still keeps


class Watch:
    """Samples from construction to stop(); last_held has for each peer when the server was last seen to hold it."""

    def __init__(self, process, interval=1.0):
        self.process, self.interval = process, interval
        self.samples, self.last_held, self.cpu = [], {}, 0.0
        self.ended, self.lock = threading.Event(), threading.Lock()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def _look(self):
        begin = time.thread_time()
        while not self.ended.wait(self.interval):
            self.sample()
            self.cpu = time.thread_time() - begin

    def sample(self):
        with self.lock:
            self._sample(self.process.pid)

    def _sample(self, pid):
        pss, rss = (kib / 1024 for kib in measure.memories_kib(pid, "Pss", "Rss"))
        now, held, orphans = time.monotonic(), 0, 0
        for peer, owned, orphan in connections(self.process.port):
            if owned:
                held += 1
                self.last_held[peer] = now
            orphans += orphan
        self.samples.append(Sample(now, pss, rss, kernel_mib(), held, orphans))

    def most(self, field, begin=0.0, end=float("inf")):
        return max((getattr(sample, field) for sample in self.samples if begin <= sample.at <= end), default=0)

    @property
    def held(self):
        return self.samples[-1].held if self.samples else 0

    def stop(self):
        self.ended.set()
        self.thread.join()
