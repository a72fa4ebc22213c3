"""What each process of a server holds, looked at while nobody asks anything, and whether that grows."""

import contextlib
import os
import socket
import statistics
import time
from dataclasses import dataclass
from typing import Optional

import held
import measure

QUIET = 30  # seconds in which what the last clients left must be gone: the server reads for 3 from whom it has closed
TRIES = 300  # connections until each worker has answered one

# What may be more in the last third of the undisturbed phase than in the middle one, each a median.
DESCRIPTORS = 1
THREADS = 2  # .NET's own come and go
THREADS_EACH = 16  # --threads
RSS_MIB = 6  # the managed heap breathes by some MiB, more so with few samples; of what is left after malloc_trim
OBJECTS = 50  # of those that Python's collector tracks
BLOCKS = 1000  # of Python's allocator: 1000 in some hundred thousand requests is none per request
MEMORY_COUNTS_FROM = 600  # seconds of a run: in four minutes the buffers of all threads have not been at their largest


@dataclass
class Sample:
    at: float
    pid: int
    descriptors: int
    threads: int
    found: float  # MiB resident, as the clients left it
    rss: float  # the same when Python's garbage is collected and malloc's free pages are given back
    pss: float
    objects: Optional[int] = None  # None for the arbiter, which has no Python
    blocks: Optional[int] = None
    refs: Optional[int] = None  # where Python was built to count them


class Trouble(Exception):
    """What should not be, while nobody asks anything."""


def wait_until_left(port):
    """Until the server holds no connection."""
    limit = time.monotonic() + QUIET
    while True:
        left = sum(owned for _, owned, _ in held.connections(port))
        if not left:
            return
        if time.monotonic() > limit:
            raise Trouble("%d connections are still held %d s after their clients went" % (left, QUIET))
        time.sleep(0.02)


def python_states(port, workers):
    """What /state says in each worker."""
    states = {}
    for _ in range(TRIES):
        status, body = measure.get(port, "/state", timeout=30)
        if status != 200:
            raise Trouble("/state was answered with %d" % status)
        pid, *numbers = map(int, body.split())
        states[pid] = numbers
        if set(workers) <= set(states):
            return states
    raise Trouble("of the workers %s only %s answered %d requests" % (workers, sorted(states), TRIES))


def start_threads(port, workers):
    """Has the workers start all their threads: they do so when they first need them, which is no growth."""
    asking = []
    try:
        for _ in range(len(workers) * THREADS_EACH * 2):
            asking.append(socket.create_connection(("127.0.0.1", port), 30))
            asking[-1].sendall(b"GET /wait?ms=200 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        for connection in asking:
            while connection.recv(4096):
                pass
    finally:
        for connection in asking:
            connection.close()


def _memory(pid):
    with open("/proc/%d/smaps_rollup" % pid) as file:
        kib = dict(line.split(":", 1) for line in file if line.endswith(" kB\n"))
    return [int(kib[key].split()[0]) / 1024 for key in ("Rss", "Pss")]


def _process(pid, found, state=None):
    objects, blocks, refs = state[:3] if state else (None, None, None)
    return Sample(time.monotonic(), pid, len(os.listdir("/proc/%d/fd" % pid)), len(os.listdir("/proc/%d/task" % pid)),
                  found, *_memory(pid), objects, blocks, refs or None)


def look(server, wanted, known):
    """Samples of the arbiter and of each worker, which must be as many as wanted; no client may ask anything meanwhile."""
    wait_until_left(server.port)
    limit = time.monotonic() + QUIET
    while len(server.workers()) != wanted:  # those that were replaced end when their last request has
        if time.monotonic() > limit:
            raise Trouble("%d workers instead of %d: %s" % (len(server.workers()), wanted, server.workers()))
        time.sleep(0.02)
    workers = server.workers()
    if set(workers) - known:
        start_threads(server.port, workers)
    found = {pid: _memory(pid)[0] for pid in (server.pid, *workers)}
    states = python_states(server.port, workers)
    still_open = sum(states[pid][3] for pid in workers)
    wait_until_left(server.port)
    samples = [_process(server.pid, found[server.pid])] + [_process(pid, found[pid], states[pid]) for pid in workers]
    children = set(measure.process_tree(server.pid)[1:])
    if children != set(workers):
        raise Trouble("the arbiter's children are %s, its workers %s" % (sorted(children), sorted(workers)))
    if still_open:
        raise Trouble("%d response iterables were never closed" % still_open)
    return samples


@dataclass
class Growth:
    """One process: medians of the middle and of the last third of the undisturbed phase."""

    name: str
    samples: int
    middle: Sample
    last: Sample

    def grown(self, field):
        before, after = getattr(self.middle, field), getattr(self.last, field)
        return 0 if before is None else after - before

    def faults(self, memory):
        bounds = [("descriptors", DESCRIPTORS), ("threads", THREADS)]
        if memory:
            bounds += [("rss", RSS_MIB), ("objects", OBJECTS), ("blocks", BLOCKS)]
        return ["%s has %+.1f %s, allowed are %+d" % (self.name, self.grown(field), field, bound)
                for field, bound in bounds if self.grown(field) > bound]


def _median(samples):
    value = lambda field: None if getattr(samples[0], field) is None else statistics.median(getattr(s, field) for s in samples)
    return Sample(0, 0, *(value(field) for field in ("descriptors", "threads", "found", "rss", "pss", "objects", "blocks", "refs")))


def growths(samples, arbiter):
    """Of each process that was there all the time; samples are those of the undisturbed phase."""
    of, result = {}, []
    for sample in samples:
        of.setdefault(sample.pid, []).append(sample)
    for pid, own in of.items():
        third = len(own) // 3
        if third < 1:
            raise Trouble("only %d samples of process %d: the run is too short" % (len(own), pid))
        name = "arbiter" if pid == arbiter else "worker %d" % pid
        result.append(Growth(name, len(own), _median(own[third:2 * third]), _median(own[-third:])))
    return result


def leftovers(folder):
    """Names in a folder of temporary files; what is gone meanwhile is none."""
    with contextlib.suppress(FileNotFoundError):
        return sorted(os.listdir(folder))
    return []
