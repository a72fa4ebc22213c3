"""What the soak's visitors ask. Every answer is made from the request's token, so that it can belong to no other.

$SERIEMA_SOAK_CALLS is a file that gets the token of every call: which requests were executed, and how often.
$SERIEMA_SOAK_FILES is the folder of /file's files. With $SERIEMA_SOAK_FAULTY some answers are wrong, and descriptors leak.
"""

import ctypes
import gc
import hashlib
import os
import sys
import threading
import time
from urllib.parse import parse_qs

from contents import content

CALLS = os.open(os.environ["SERIEMA_SOAK_CALLS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
FILES = os.environ["SERIEMA_SOAK_FILES"]
FAULTY = bool(os.environ.get("SERIEMA_SOAK_FAULTY"))  # the soak's own test: it must find out
LEAKED = []
# What glibc keeps free in an arena for each of many threads is not held by anybody; elsewhere there is no such function.
TRIM = getattr(ctypes.CDLL(None), "malloc_trim", int)
PHRASES = {200: "OK", 204: "No Content", 301: "Moved Permanently", 304: "Not Modified", 403: "Forbidden", 404: "Not Found",
           409: "Conflict", 500: "Internal Server Error", 503: "Service Unavailable"}


class Request:
    def __init__(self, environ, start_response):
        self.environ, self.start = environ, start_response
        self.query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
        self.token = self.query.get("mark", "")
        self.length = int(self.query.get("length", "0"))

    def answer(self, status, fields):
        return self.start("%d %s" % (status, PHRASES[status]),
                          [("Content-Type", "application/octet-stream"), ("X-Token", self.token), *fields])

    def body(self):
        """All of the request's, by reads of the size that it asks for."""
        size, source, blocks = int(self.query.get("read", "65536")), self.environ["wsgi.input"], []
        while True:
            block = source.read(size)
            if not block:
                return b"".join(blocks)
            blocks.append(block)


def echo(request):
    body = request.body()
    fields = [("X-SHA256", hashlib.sha256(body).hexdigest())]
    how = request.query.get("how")
    if how == "blocks":  # of unknown length
        request.answer(200, fields)
        return (body[at:at + 9000] for at in range(0, len(body), 9000))
    if how == "write":
        write = request.answer(200, fields)
        for at in range(0, len(body), 50000):
            write(body[at:at + 50000])
        return []
    request.answer(200, [*fields, ("Content-Length", str(len(body)))])
    return [body]


def digest(request):
    """Takes a body without keeping it."""
    sha, length, source = hashlib.sha256(), 0, request.environ["wsgi.input"]
    while True:
        block = source.read(int(request.query.get("read", "65536")))
        if not block:
            break
        sha.update(block)
        length += len(block)
    text = ("%s %d" % (sha.hexdigest(), length)).encode()
    request.answer(200, [("Content-Length", str(len(text)))])
    return [text]


def ignore(request):
    """Answers without a look at the body."""
    body = content(request.token, request.length)
    if FAULTY:
        LEAKED.append(os.dup(CALLS))
        body = body[:-1] + b"!" if len(LEAKED) % 10 == 0 else body
    request.answer(200, [("Content-Length", str(len(body)))])
    return [body]


class Blocks:
    """An iterator with close(), of which the server must make one call."""

    open = 0
    lock = threading.Lock()  # a generator that is dropped runs close() on whatever thread drops it

    def __init__(self, body, size, fails_at):
        self.body, self.size, self.fails_at, self.at = body, size, fails_at, 0
        with self.lock:
            Blocks.open += 1

    def __iter__(self):
        return self

    def __next__(self):
        if self.at >= len(self.body):
            raise StopIteration
        if self.at >= self.fails_at:
            raise RuntimeError("soak: on purpose, in the middle of a response")
        block = self.body[self.at:self.at + self.size]
        self.at += self.size
        return block

    def close(self):
        with self.lock:
            Blocks.open -= 1


def blocks(request):
    if request.query.get("how") == "counted":
        request.answer(200, [("Content-Length", str(request.length))])
    else:
        request.answer(200, [])
    return Blocks(content(request.token, request.length), int(request.query.get("block", "5000")),
                  int(request.query.get("fails", str(1 << 60))))


def file(request):
    opened = open(os.path.join(FILES, request.query["name"]), "rb")
    start = int(request.query.get("start", "0"))
    opened.seek(start)
    length = os.fstat(opened.fileno()).st_size - start
    request.answer(200, [("Content-Length", str(length))] if request.query.get("how") == "counted" else [])
    return request.environ["wsgi.file_wrapper"](opened, 8192)


def wait(request):
    time.sleep(int(request.query["ms"]) / 1000)
    return ignore(request)


def status(request):
    number = int(request.query["status"])
    body = b"" if number in (204, 304) else content(request.token, request.length)
    request.answer(number, [] if number in (204, 304) else [("Content-Length", str(len(body)))])
    return [body]


def fail(request):
    if request.query.get("how") == "replaced":  # PEP 3333: start_response again with exc_info, before anything was sent
        request.answer(200, [])
        try:
            raise RuntimeError("soak: replaced")
        except RuntimeError:
            request.start("500 Internal Server Error", [("X-Token", request.token), ("Content-Length", "0")], sys.exc_info())
            return []
    raise RuntimeError("soak: on purpose")


def missing(request):
    request.answer(404, [("Content-Length", "0")])
    return []


def state(request):
    """What Python holds in this worker; asked when nobody else asks anything."""
    gc.collect()
    TRIM(0)
    text = "%d %d %d %d %d" % (os.getpid(), len(gc.get_objects()), sys.getallocatedblocks(),
                               getattr(sys, "gettotalrefcount", int)(), Blocks.open)
    request.answer(200, [("Content-Length", str(len(text)))])
    return [text.encode()]


ROUTES = {"/echo": echo, "/digest": digest, "/ignore": ignore, "/blocks": blocks, "/file": file, "/wait": wait,
          "/status": status, "/fail": fail, "/state": state}


def app(environ, start_response):
    request = Request(environ, start_response)
    if request.token:
        os.write(CALLS, b"%s\n" % request.token.encode())
    return ROUTES.get(environ["PATH_INFO"], missing)(request)
