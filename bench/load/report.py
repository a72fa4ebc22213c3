"""The common frame of every scenario: options, the machine, one table, and the dated file in bench/results."""

import argparse
import datetime
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile

from measure import Unavailable
from servers import ROOT, python

PACKAGES = {"wrk": "wrk", "nginx": "nginx-light", "uwsgi": "uwsgi", "gunicorn": "gunicorn"}


def options(description, **defaults):
    """A parser with what all scenarios share; defaults overrides rounds, seconds, connections and warmup."""
    values = {"rounds": 3, "seconds": 5, "connections": 32, "warmup": 2, **defaults}
    parser = argparse.ArgumentParser(prog="bench/run " + os.path.basename(sys.argv[0]), description=description)
    for name, text in (("rounds", "how often each server is measured; the median counts"),
                       ("seconds", "length of one measurement"),
                       ("connections", "concurrent connections"),
                       ("warmup", "seconds of the same load before each measurement (not counted)")):
        if values[name] is not None:
            parser.add_argument("--" + name, type=int, default=values[name], help=text + " (%(default)s)")
    parser.add_argument("--only", metavar="TEXT", help="only the servers whose name contains this")
    parser.add_argument("--save", action="store_true", help="also write the report into bench/results")
    return parser


def install_tools():
    """The peers and wrk, from Debian's packages when that is possible; what is still missing is said in its row."""
    wanted = [package for program, package in PACKAGES.items()
              if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin")]
    if wanted and os.getuid() == 0 and shutil.which("apt-get"):
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted,
                   "uwsgi-plugin-python3", "python3-waitress"]
        print("installing " + " ".join(command[5:]), file=sys.stderr)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        if subprocess.call(command, **quiet) != 0:
            subprocess.call(["apt-get", "update", "-qq"], **quiet)
            subprocess.call(command, **quiet)
    if not shutil.which("wrk"):
        sys.exit("wrk is missing; it makes the load (Debian: apt-get install wrk)")


def _line(command):
    try:
        return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True).stdout.strip()
    except OSError:
        return ""


def _field(path, key):
    try:
        with open(path) as file:
            return next((line.split(sep, 1)[1].strip().strip('"') for line in file
                         for sep in (":", "=") if line.startswith(key) and sep in line), "unknown")
    except OSError:
        return "unknown"


def _commit():
    commit = _line(["git", "rev-parse", "--short=12", "HEAD"])
    if not commit or " " in commit or commit == "HEAD":
        return "none yet"
    changed = _line(["git", "status", "--porcelain", "--", "src", "bench", "Directory.Build.props"])
    return commit + (" with uncommitted changes" if changed else "")


class Report:
    """Collects rows and notes, prints them as Markdown in a shape that does not change between runs."""

    def __init__(self, title, columns, arguments, servers, program="bench/run " + os.path.basename(sys.argv[0])):
        self.command = " ".join([program, *sys.argv[1:]])
        self.title, self.columns, self.arguments = title, columns, arguments
        self.rows, self.notes = [], []
        self.versions = [version for version in dict.fromkeys(s.version() for s in servers if not s.missing) if version]

    def row(self, name, *cells):
        self.rows.append((name, *cells))

    def unavailable(self, name, why):
        self.rows.append((name, *["–"] * (len(self.columns) - 1)))
        self.notes.append("%s was not measured: %s" % (name, why))

    def note(self, text):
        self.notes.append(text)

    def _text(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        facts = [
            ("date", now.strftime("%Y-%m-%d %H:%M UTC")),
            ("commit", _commit()),
            ("command", self.command),
            ("processor", "%s, %d cores" % (_field("/proc/cpuinfo", "model name"), len(os.sched_getaffinity(0)))),
            ("memory", "%.1f GiB" % (int(_field("/proc/meminfo", "MemTotal").split()[0]) / 2**20)),
            ("system", "%s, Linux %s" % (_field("/etc/os-release", "PRETTY_NAME"), platform.release())),
            ("python", _line([python(), "-c", "import sys; print(sys.version.split()[0], sys.executable)"])),
            ("dotnet", _line([os.path.join(ROOT, "scripts", "dotnet")]) and
             _line([_line([os.path.join(ROOT, "scripts", "dotnet")]), "--version"])),
            ("servers", ", ".join(self.versions)),
        ]
        lines = ["# " + self.title, ""]
        lines += ["- %s: %s" % fact for fact in facts] + [""]
        lines += ["| %s |" % " | ".join(self.columns), "| --- |" + " ---: |" * (len(self.columns) - 1)]
        lines += ["| %s |" % " | ".join(row) for row in self.rows]
        for note in self.notes:
            lines += ["", note]
        return "\n".join(lines) + "\n"

    def finish(self):
        text = self._text()
        print("\n" + text, end="", flush=True)
        if self.arguments.save:
            print("\nwritten to " + self._write(text))

    def _write(self, text):
        folder = os.path.join(ROOT, "bench", "results")
        os.makedirs(folder, exist_ok=True)
        stem = "%s-%s" % (datetime.date.today().isoformat(), os.path.basename(sys.argv[0]))
        # A second run on one day stands beside the first: results are compared, never overwritten.
        for suffix in ("", *("-%d" % number for number in range(2, 1000))):
            path = os.path.join(folder, stem + suffix + ".md")
            try:
                with open(path, "x") as file:
                    file.write(text)
                return os.path.relpath(path, ROOT)
            except FileExistsError:
                continue
        raise SystemExit("bench/results holds too many files of today")


def progress(text):
    print(text, file=sys.stderr, flush=True)


def rotated(items, number):
    """Another order in every round, so that none always runs on the machine that its neighbour has warmed."""
    number %= max(len(items), 1)
    return items[number:] + items[:number]


def in_rounds(subjects, rounds, measure_one):
    """Measures every subject in every round. Returns {name: [results]} and {name: why not}."""
    results, failures = {subject.name: [] for subject in subjects}, {}
    for number in range(rounds):
        for subject in rotated(subjects, number):
            if subject.name in failures:
                continue
            try:
                result = measure_one(subject)
                results[subject.name].append(result)
                progress("round %d  %-22s %s" % (number + 1, subject.name, result))
            except Unavailable as error:
                failures[subject.name] = str(error)
                progress("round %d  %-22s not measured: %s" % (number + 1, subject.name, error))
    return results, failures


def chosen(servers, arguments):
    return [server for server in servers if not arguments.only or arguments.only in server.name]


def run(main):
    """Calls main(folder) with a temporary folder. SIGTERM unwinds like Ctrl-C, so that every server is ended."""
    def interrupt(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    folder = tempfile.mkdtemp(prefix="seriema-bench-")
    os.chmod(folder, 0o755)  # nginx's worker is another user
    try:
        install_tools()
        main(folder)
    except KeyboardInterrupt:
        sys.exit("interrupted; all servers ended")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
