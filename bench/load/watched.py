"""A seriema whose log can be waited for, whose workers are known, and which is ended whatever happens."""

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from collections import namedtuple

import measure
from servers import SERIEMA, python

READS = 4  # of the kernel's list, which skips entries when others go while it is read
PATIENCE = 60  # seconds; a hung server is what the bench must report, not wait for

# Answers "PID VERSION"; /sleep?SECONDS sleeps first.
APPLICATION = """
import os, time

def app(environ, start_response):
    if environ["PATH_INFO"] == "/sleep":
        time.sleep(float(environ["QUERY_STRING"]))
    body = b"%d %s" % (os.getpid(), VERSION.encode())
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
"""


def write_application(folder, version, before=""):
    """The module "rolling"; whole at once, as a deployment should."""
    path = os.path.join(folder, "rolling.py")
    with open(path + ".new", "w") as file:
        file.write("%s\nVERSION = %r\n%s" % (before, version, APPLICATION))
    os.replace(path + ".new", path)


class Watched:
    def __init__(self, folder, *options, app="rolling:app", program=SERIEMA, interpreter=None, environment=None, keeps=None):
        """keeps says of a line of the log whether it is one that may be asked for; without it all are."""
        if not os.access(program, os.X_OK):
            raise measure.Unavailable("not built (./serve --version builds it)")
        command = [program, app, "--chdir", folder, "--bind", "127.0.0.1:0", "--python", interpreter or python(), *options]
        # Rewritten twice within a second, at the same length, the module would be taken from the cache.
        environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", **(environment or {}))
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        env=environment, preexec_fn=measure._before_exec)
        self.pid = self.process.pid
        self.keeps, self.lines, self.news, self.ended = keeps, [], threading.Condition(), False
        threading.Thread(target=self._read, daemon=True).start()
        self.port = int(self.wait_for(r"^Serving HTTP on http://127\.0\.0\.1:(\d+) ")[1][1])

    def _read(self):
        for line in self.process.stdout:
            text = line.decode(errors="replace").rstrip("\n")
            if self.keeps and not self.keeps(text):
                continue
            with self.news:
                self.lines.append((time.monotonic(), text))
                self.news.notify_all()
        with self.news:
            self.ended = True
            self.news.notify_all()

    @property
    def mark(self):
        with self.news:
            return len(self.lines)

    def wait_for(self, pattern, mark=0):
        """(time, match, number) of the first line from a mark on that the pattern finds."""
        limit, number = time.monotonic() + PATIENCE, mark
        with self.news:
            while True:
                while number < len(self.lines):
                    match = re.search(pattern, self.lines[number][1])
                    if match:
                        return self.lines[number][0], match, number
                    number += 1
                if self.ended or not self.news.wait(limit - time.monotonic()):
                    raise measure.Unavailable("no line with %r: %s" % (pattern, " / ".join(text for _, text in self.lines[-5:])))

    def wait_for_workers(self, count, mark=0):
        """When the last of so many was ready."""
        at = None
        for _ in range(count):
            at, _, number = self.wait_for(r"worker \d+ ready", mark)
            mark = number + 1
        return at

    def workers(self):
        """Those that said that they are ready and still run."""
        with self.news:
            pids = [int(match[1]) for _, text in self.lines for match in [re.search(r"worker (\d+) ready", text)] if match]
        return [pid for pid in pids if alive(pid)]

    def signal(self, number):
        os.kill(self.pid, number)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        workers = self.workers()
        measure.stop(self.process)
        for pid in workers:  # whose arbiter is gone
            if alive(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def state(pid):
    try:
        return measure._stat(pid)[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def alive(pid):
    return state(pid) not in (None, "Z", "X")


def wait_until_gone(pids):
    """When the last of them was gone."""
    limit = time.monotonic() + PATIENCE
    while any(map(alive, pids)):
        if time.monotonic() > limit:
            raise measure.Unavailable("processes %s are still there" % [pid for pid in pids if alive(pid)])
        time.sleep(0.002)
    return time.monotonic()


Kill = namedtuple("Kill", "pid before after ports")


def kill_and_count(pid, port):
    """Kills a worker; the kernel says which connections it had: nobody guesses what was on it."""
    before, ports = time.monotonic(), set()
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        while state(pid) not in ("T", "Z", None):
            time.sleep(0.0005)
        inodes = set()
        for name in os.listdir("/proc/%d/fd" % pid):
            with contextlib.suppress(FileNotFoundError):
                inodes.add(os.readlink("/proc/%d/fd/%s" % (pid, name)))
        for _ in range(READS):
            with open("/proc/%d/net/tcp" % pid) as file:
                for line in file.readlines()[1:]:
                    cells = line.split()
                    if int(cells[1].split(":")[1], 16) == port and "socket:[%s]" % cells[9] in inodes:
                        ports.add(int(cells[2].split(":")[1], 16))
        os.kill(pid, signal.SIGKILL)
    return Kill(pid, before, time.monotonic(), ports)


def lost_to(record, kills):
    """Whether a request's connection was a worker's when that was killed."""
    return any(record.port in kill.ports and record.connected <= kill.after and kill.before <= record.end for kill in kills)
