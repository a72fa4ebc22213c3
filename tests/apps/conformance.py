"""One WSGI application with a path for each behaviour that a server must get right (PEP 3333)."""
import io
import json
import os
import sys
import tempfile
import threading
import time
from urllib.parse import parse_qs

TEXT = [("Content-Type", "text/plain; charset=utf-8")]
counts = {"close": 0}
kept = {}
PAGES = {}


def page(path):
    def register(function):
        PAGES[path] = function
        return function
    return register


def application(environ, start_response):
    function = PAGES.get(environ["PATH_INFO"])
    if function is None:
        return not_found(environ, start_response)
    return function(environ, start_response)


def not_found(environ, start_response):
    body = b"Not Found\n"
    start_response("404 Not Found", TEXT + [("Content-Length", str(len(body)))])
    return [body]


def number(environ, name, default):
    return int(parse_qs(environ["QUERY_STRING"]).get(name, [default])[0])


def text(start_response, body):
    if isinstance(body, str):
        body = body.encode()
    start_response("200 OK", TEXT)
    return [body]


# --- how the response is made

@page("/hello")
def hello(environ, start_response):
    return text(start_response, "Hello, World!")


@page("/lazy_gen")
def lazy_gen(environ, start_response):
    start_response("200 OK", TEXT)
    yield b"lazy "
    yield b""
    yield b"generator"


@page("/late_start")
def late_start(environ, start_response):
    yield b""
    start_response("200 OK", TEXT)
    yield b"late"


@page("/write")
def write(environ, start_response):
    send = start_response("200 OK", TEXT)
    send(b"written ")
    send(b"")
    send(b"first, ")
    return [b"then ", b"iterated"]


@page("/many")
def many(environ, start_response):
    start_response("200 OK", TEXT)
    return [b"one ", b"", b"two ", b"three"]


@page("/tuple")
def a_tuple(environ, start_response):
    start_response("200 OK", TEXT)
    return (b"from a tuple",)


@page("/empty_list")
def empty_list(environ, start_response):
    start_response("200 OK", TEXT)
    return []


@page("/empty_gen")
def empty_gen(environ, start_response):
    start_response("200 OK", TEXT)
    return iter(())


@page("/big")
def big(environ, start_response):
    size = number(environ, "size", 3000000)
    start_response("200 OK", TEXT)
    return [b"x" * size]


@page("/stream")
def stream(environ, start_response):
    start_response("200 OK", TEXT)
    pause = number(environ, "ms", 0) / 1000
    for index in range(number(environ, "count", 5)):
        if pause:
            time.sleep(pause)
        yield b"%d\n" % index


# --- exc_info

@page("/exc_info_before")
def exc_info_before(environ, start_response):
    start_response("200 OK", TEXT + [("X-Old", "old")])
    try:
        raise ValueError("too late")
    except ValueError:
        start_response("503 Replaced", [("X-New", "new"), ("Content-Type", "text/plain")], sys.exc_info())
    return [b"replaced"]


@page("/exc_info_after")
def exc_info_after(environ, start_response):
    start_response("200 OK", TEXT)
    yield b"sent"
    try:
        raise ValueError("after the head was sent")
    except ValueError:
        start_response("500 Never", [], sys.exc_info())
        yield b"never"


@page("/start_twice")
def start_twice(environ, start_response):
    start_response("200 OK", TEXT)
    start_response("200 OK", TEXT)
    return [b"never"]


# --- mistakes

@page("/boom")
def boom(environ, start_response):
    raise RuntimeError("boom")


@page("/boom_after_start")
def boom_after_start(environ, start_response):
    start_response("200 OK", TEXT + [("X-Old", "old")])
    raise RuntimeError("boom after start_response")


@page("/boom_midstream")
def boom_midstream(environ, start_response):
    start_response("200 OK", TEXT)
    yield b"partial"
    raise RuntimeError("boom in mid-stream")


@page("/exit")
def exit_(environ, start_response):
    sys.exit(7)


@page("/keyboard_interrupt")
def keyboard_interrupt(environ, start_response):
    raise KeyboardInterrupt


@page("/generator_exit")
def generator_exit(environ, start_response):
    raise GeneratorExit


@page("/no_start_resp")
def no_start_resp(environ, start_response):
    return [b"no start_response"]


@page("/none")
def none(environ, start_response):
    start_response("200 OK", TEXT)


@page("/not_iterable")
def not_iterable(environ, start_response):
    start_response("200 OK", TEXT)
    return 42


@page("/str_chunk")
def str_chunk(environ, start_response):
    start_response("200 OK", TEXT)
    return ["text"]


@page("/str_chunk_late")
def str_chunk_late(environ, start_response):
    start_response("200 OK", TEXT)
    yield b"bytes"
    yield "text"


@page("/str_body")
def str_body(environ, start_response):
    start_response("200 OK", TEXT)
    return "text"


@page("/bytes_body")
def bytes_body(environ, start_response):
    start_response("200 OK", TEXT)
    return b"text"


@page("/hdr_injection")
def hdr_injection(environ, start_response):
    start_response("200 OK", [("X-Name", "a\r\nSet-Cookie: stolen=1")])
    return [b"never"]


class Sly(str):
    """Looks harmless to whoever asks it, and is not."""

    def __str__(self):
        return "harmless"

    def __contains__(self, item):
        return False

    def encode(self, *arguments):
        return b"harmless"


@page("/respond")
def respond(environ, start_response):
    """The response that the request's body asks for, as JSON."""
    wanted = json.loads(environ["wsgi.input"].read())
    kind = Sly if wanted.get("sly") else str
    headers = [(kind(name), kind(value)) for name, value in wanted.get("headers", [])]
    send = start_response(kind(wanted.get("status", "200 OK")), headers)
    if wanted.get("write"):
        send(b"written, ")
    return [b"done"]


@page("/bad_status")
def bad_status(environ, start_response):
    start_response(parse_qs(environ["QUERY_STRING"]).get("status", ["OK"])[0], TEXT)
    return [b"never"]


@page("/short_CL")
def short_cl(environ, start_response):
    start_response("200 OK", TEXT + [("Content-Length", "10")])
    return [b"short"]


@page("/long_CL")
def long_cl(environ, start_response):
    start_response("200 OK", TEXT + [("Content-Length", "4")])
    return [b"long", b" and longer"]


@page("/HEAD_body")
def head_body(environ, start_response):
    start_response("200 OK", TEXT)
    return [b"a body that HEAD must not carry"]


@page("/204_body")
def no_content_body(environ, start_response):
    start_response("204 No Content", [("Content-Length", "4")])
    return [b"body"]


@page("/304_body")
def not_modified_body(environ, start_response):
    start_response("304 Not Modified", [("ETag", '"x"')])
    return [b"body"]


# --- close()

class Closing:
    def __init__(self, items, fail_in_close=False):
        self.items = iter(items)
        self.fail_in_close = fail_in_close

    def __iter__(self):
        return self

    def __next__(self):
        item = next(self.items)
        if item is None:
            raise RuntimeError("boom in iteration")
        return item

    def close(self):
        counts["close"] += 1
        if self.fail_in_close:
            raise RuntimeError("boom in close")


@page("/closing")
def closing(environ, start_response):
    start_response("200 OK", TEXT)
    return Closing([b"a", b"b"])


@page("/closing_boom")
def closing_boom(environ, start_response):
    start_response("200 OK", TEXT)
    return Closing([b"a", None])


@page("/boom_in_close")
def boom_in_close(environ, start_response):
    start_response("200 OK", TEXT)
    return Closing([b"a"], fail_in_close=True)


@page("/endless")
def endless(environ, start_response):
    def items():
        while True:
            yield b"x" * 1024
    start_response("200 OK", TEXT)
    return Closing(items())


@page("/close_count")
def close_count(environ, start_response):
    return text(start_response, str(counts["close"]))


# --- the request

@page("/environ")
def show_environ(environ, start_response):
    shown = {key: value if isinstance(value, (str, bool, int)) else repr(value) for key, value in environ.items()}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(shown, sort_keys=True).encode()]


@page("/echo")
def echo(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or -1))
    start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(body)))])
    return [body]


@page("/read_all")
def read_all(environ, start_response):
    body = environ["wsgi.input"].read()
    return text(start_response, "%d %r" % (len(body), environ["wsgi.input"].read()))


@page("/read_sizes")
def read_sizes(environ, start_response):
    source = environ["wsgi.input"]
    return text(start_response, repr(list(iter(lambda: source.read(number(environ, "size", 3)), b""))))


@page("/lines")
def lines(environ, start_response):
    return text(start_response, repr([line for line in environ["wsgi.input"]]))


@page("/readline")
def readline(environ, start_response):
    source = environ["wsgi.input"]
    return text(start_response, repr(list(iter(lambda: source.readline(number(environ, "size", -1)), b""))))


@page("/readlines")
def readlines(environ, start_response):
    source = environ["wsgi.input"]
    return text(start_response, repr([source.readlines(number(environ, "hint", -1)), source.read()]))


@page("/mixed_reads")
def mixed_reads(environ, start_response):
    source = environ["wsgi.input"]
    return text(start_response, repr([source.read(2), source.readline(), source.read(0), next(source), source.read(-1)]))


@page("/unread")
def unread(environ, start_response):
    return text(start_response, "did not read")


@page("/errors")
def errors(environ, start_response):
    stream = environ["wsgi.errors"]
    print("one line", file=stream)
    stream.write("half ")
    stream.write("a line\nand ")
    stream.writelines(["more", "\n"])
    stream.write("the end without a newline")
    stream.flush()
    return text(start_response, "written")


# --- objects kept after the request's end

@page("/keep")
def keep(environ, start_response):
    kept.update(start_response=start_response, input=environ["wsgi.input"], errors=environ["wsgi.errors"])
    kept["write"] = start_response("200 OK", TEXT)
    return [b"kept"]


@page("/use_kept")
def use_kept(environ, start_response):
    outcomes = []
    for use in (lambda: kept["start_response"]("200 OK", []), lambda: kept["write"](b"x"), lambda: kept["input"].read()):
        try:
            use()
            outcomes.append("no error")
        except RuntimeError as error:
            outcomes.append(str(error))
    kept.clear()
    return text(start_response, "\n".join(outcomes))


# --- files

def data_file(size=100000):
    file = tempfile.TemporaryFile()
    file.write(bytes(range(256)) * (size // 256 + 1))
    file.truncate(size)
    file.seek(0)
    return file


@page("/file")
def a_file(environ, start_response):
    file = data_file()
    file.seek(number(environ, "offset", 0))
    headers = [("Content-Type", "application/octet-stream")]
    length = number(environ, "length", -1)
    if length >= 0:
        headers.append(("Content-Length", str(length)))
    start_response("200 OK", headers)
    return environ["wsgi.file_wrapper"](file, 4096)


@page("/file_like")
def file_like(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return environ["wsgi.file_wrapper"](io.BytesIO(b"from memory"))


@page("/gzip_file")
def gzip_file(environ, start_response):
    import gzip
    packed = io.BytesIO(gzip.compress(b"unpacked by iteration"))
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return environ["wsgi.file_wrapper"](gzip.GzipFile(fileobj=packed))


# --- time, threads and processes

@page("/sleep")
def sleep(environ, start_response):
    time.sleep(number(environ, "ms", 50) / 1000)
    return text(start_response, "slept")


@page("/cpu")
def cpu(environ, start_response):
    end = time.perf_counter() + number(environ, "ms", 5) / 1000
    while time.perf_counter() < end:
        pass
    return text(start_response, "computed")


@page("/threads")
def threads(environ, start_response):
    results = []
    workers = [threading.Thread(target=results.append, args=(index,)) for index in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return text(start_response, repr(sorted(results)))


@page("/thread_reads")
def thread_reads(environ, start_response):
    results = []
    worker = threading.Thread(target=lambda: results.append(environ["wsgi.input"].read()))
    worker.start()
    worker.join()
    return text(start_response, repr(results))


@page("/subprocess")
def run_subprocess(environ, start_response):
    import subprocess
    done = subprocess.run([sys.executable, "-c", "print(6 * 7)"], stdout=subprocess.PIPE, check=True)
    return text(start_response, done.stdout.decode().strip())


def square(value):
    return value * value


@page("/multiprocessing_spawn")
def multiprocessing_spawn(environ, start_response):
    import multiprocessing
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return text(start_response, repr(pool.map(square, [1, 2, 3])))


@page("/asyncio_run")
def asyncio_run(environ, start_response):
    import asyncio

    async def main():
        await asyncio.sleep(0)
        return "awaited"
    return text(start_response, asyncio.run(main()))


@page("/sqlite")
def sqlite(environ, start_response):
    import sqlite3
    local = kept.setdefault("sqlite", threading.local())
    if not hasattr(local, "connection"):
        local.connection = sqlite3.connect(":memory:")  # belongs to this thread and is checked by sqlite3
    return text(start_response, repr(local.connection.execute("select 6 * 7").fetchone()[0]))


@page("/pid")
def pid(environ, start_response):
    return text(start_response, "%d %s" % (os.getpid(), threading.current_thread().name))
