"""What attackers ask for: a large response, made block by block or there at once, and a place for bodies. / is for honest clients.

$SERIEMA_BENCH_CALLS is a file that gets a line for every call but the honest ones: who reached the application.
"""

import os

BLOCK = b"x" * 16384
SIZE = int(os.environ.get("SERIEMA_BENCH_SIZE", "10000000"))
LARGE = b"x" * SIZE  # one object for all responses: what a response costs beside it is the server's
CALLS = os.open(os.environ["SERIEMA_BENCH_CALLS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def note(path, received=0):
    os.write(CALLS, b"%s %d\n" % (path.encode(), received))


def blocks():
    left = SIZE
    while left > 0:
        yield BLOCK[:left]
        left -= len(BLOCK)


def received(body):
    length = 0
    while True:
        block = body.read(65536)
        if not block:
            return length
        length += len(block)


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "13")])
        return [b"Hello, World!"]
    if path == "/upload":
        try:
            length = received(environ["wsgi.input"])
        except Exception:
            note("/upload-broken")
            raise
        note(path, length)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"%d" % length]
    note(path)
    start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", str(SIZE))])
    return blocks() if path == "/generated" else [LARGE]
