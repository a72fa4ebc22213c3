"""What every scenario shares: a server's process tree from start to end, wrk, and what /proc says meanwhile."""

import contextlib
import ctypes
import os
import re
import resource
import signal
import socket
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")
START_TIMEOUT = 20  # seconds; Django on a loaded machine needs two
STOP_TIMEOUT = 10  # seconds after SIGTERM; then SIGKILL
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


class Unavailable(Exception):
    """A server that is not installed, not built or does not start: reported in its row, never a crash."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _before_exec():
    # Killed with us even when we get SIGKILL; and Ctrl-C goes to us alone, who then stop them in order.
    die_with_parent()
    os.setsid()


def allow_descriptors(wanted, spare):
    """Raises our limit, which the servers inherit; returns how many of those wanted fit into it beside the spare ones."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + spare
    for limit in ((needed, max(needed, hard)), (min(needed, hard), hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, limit[0]), limit[1]))
            break
        except (ValueError, PermissionError):
            continue
    return min(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - spare)


def _stat(pid):
    """The fields of /proc/PID/stat from state (the third) on; the name before it may hold anything."""
    with open("/proc/%d/stat" % pid) as file:
        return file.read().rpartition(")")[2].split()


def _gone(*errors):
    return contextlib.suppress(FileNotFoundError, ProcessLookupError, *errors)


def process_tree(root):
    """The process and all its descendants."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with _gone():
                children.setdefault(int(_stat(int(name))[1]), []).append(int(name))
    tree = [root]
    for pid in tree:
        tree += children.get(pid, [])
    return tree


def cpu_seconds(root):
    """User and system time of the tree, with that of children which ended meanwhile."""
    ticks = 0
    for pid in process_tree(root):
        with _gone():
            ticks += sum(map(int, _stat(pid)[11:15]))  # utime, stime, cutime, cstime
    return ticks / TICK


def memories_kib(root, *keys):
    """Sums over the tree, each of one field of smaps_rollup."""
    totals = [0] * len(keys)
    for pid in process_tree(root):
        with _gone(PermissionError), open("/proc/%d/smaps_rollup" % pid) as file:
            fields = dict(line.split(":", 1) for line in file if ":" in line and line.endswith(" kB\n"))
            totals = [total + int(fields.get(key, "0").split()[0]) for total, key in zip(totals, keys)]
    return totals


def memory_kib(root, key="Pss"):
    """Pss (shared pages divided among those who share them) or Rss, summed over the tree."""
    return memories_kib(root, key)[0]


def descriptors(root):
    """Open descriptors, summed over the tree."""
    total = 0
    for pid in process_tree(root):
        with _gone(PermissionError):
            total += len(os.listdir("/proc/%d/fd" % pid))
    return total


def get(port, path, timeout=5):
    """One GET on a connection of its own: (status, body)."""
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.sendall(b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n" % path.encode())
        received = b""
        while block := connection.recv(65536):
            received += block
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), body


@contextlib.contextmanager
def running(server, folder, environment=None):
    """Starts a server, waits until it answers its own path, yields its process; ends the whole tree, whatever happens."""
    if server.missing:
        raise Unavailable(server.missing)
    port = free_port()
    command = server.command(port, folder)
    log = os.path.join(folder, server.name.replace(" ", "-") + ".log")
    with open(log, "wb") as output:
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder,
                                       env=environment, preexec_fn=_before_exec)
        except OSError as error:
            raise Unavailable("%s: %s" % (command[0], error.strerror)) from error
    process.port = port
    try:
        _wait_until_it_answers(process, server, log)
        yield process
    finally:
        stop(process)


def _wait_until_it_answers(process, server, log):
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        if process.poll() is not None:
            raise Unavailable("ended with status %d: %s" % (process.returncode, _last_line(log)))
        try:
            status, body = get(process.port, server.path)
            break
        except (ConnectionError, socket.timeout, IndexError):
            if time.monotonic() > deadline:
                raise Unavailable("did not answer within %d s: %s" % (START_TIMEOUT, _last_line(log)))
            time.sleep(0.02)
    # A fast wrong answer is no measurement.
    if status != 200 or b"Hello, World!" not in body:
        raise Unavailable("answers %d %r" % (status, body[:60]))


def _last_line(log):
    with open(log, errors="replace") as file:
        lines = file.read().split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "nothing in its log")


def stop(process):
    tree = process_tree(process.pid)
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        pass
    for pid in tree:
        # Only what still is ours: a pid that was reused has another session.
        with _gone():
            if os.getsid(pid) == process.pid:
                os.kill(pid, signal.SIGKILL)
    process.wait()


class Load:
    """One run of wrk: requests per second, requests, p50 and p99 in ms, errors."""

    def __init__(self, text):
        number = r"([\d.]+)"
        total = re.search(number + r" requests in " + number + r"(ms|s|m)", text)
        p50, p99 = (re.search(r"^\s*%d%%\s+" % part + number + r"(us|ms|s|m)", text, re.M) for part in (50, 99))
        if not total or not p50 or not p99:
            raise Unavailable("wrk printed: " + " ".join(text.split())[:120])
        self.requests = int(total[1])
        self.rate = float(re.search(r"Requests/sec:\s+" + number, text)[1])
        self.p50, self.p99 = (float(part[1]) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[part[2]] for part in (p50, p99))
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        sockets = re.search(r"Socket errors: (.*)", text)
        self.errors = int(bad[1]) if bad else 0
        if sockets:
            self.errors += sum(map(int, re.findall(r"\d+", sockets[1])))


def start_wrk(port, path, connections, seconds, *options):
    command = ["wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds, "--timeout", "10s", "--latency", *options,
               "http://127.0.0.1:%d%s" % (port, path)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, preexec_fn=_before_exec)


def finish_wrk(process):
    try:
        return Load(process.communicate()[0])
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def wrk(port, path, connections, seconds, *options):
    return finish_wrk(start_wrk(port, path, connections, seconds, *options))
