"""One server under wrk for a while: rate, CPU per request, p99 and memory; and the table row of several such runs."""

import statistics
from dataclasses import dataclass

import measure

COLUMNS = ["server", "requests/s", "server CPU µs/request", "p99 ms", "PSS MiB", "errors"]


@dataclass
class Run:
    rate: float
    cpu: float  # microseconds per request
    p99: float  # milliseconds
    memory: float  # MiB
    errors: int

    def __str__(self):
        return "%9.0f requests/s  %7.2f µs CPU  p99 %8.2f ms  %6.1f MiB  %d errors" % (
            self.rate, self.cpu, self.p99, self.memory, self.errors)


def run_once(server, folder, arguments):
    with measure.running(server, folder) as process:
        if arguments.warmup:
            measure.wrk(process.port, server.path, arguments.connections, arguments.warmup)
        before = measure.cpu_seconds(process.pid)
        load = measure.wrk(process.port, server.path, arguments.connections, arguments.seconds)
        spent = measure.cpu_seconds(process.pid) - before
        memory = measure.memory_kib(process.pid) / 1024
    return Run(load.rate, spent / max(load.requests, 1) * 1e6, load.p99, memory, load.errors)


def median(runs, field):
    return statistics.median(getattr(run, field) for run in runs)


def cells(runs):
    return ("%.0f" % median(runs, "rate"), "%.2f" % median(runs, "cpu"), "%.2f" % median(runs, "p99"),
            "%.1f" % median(runs, "memory"), "%d" % sum(run.errors for run in runs))
