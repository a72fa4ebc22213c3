"""Reports the reference counts of what a request touches, and how many blocks of memory Python has in use."""
import gc
import io
import sys

marker = object()
shared = "a value that is not interned: %d" % id(marker)
kept = {}


def counts(environ):
    gc.collect()
    keys = {key: key for key in environ}
    # Not None or True: their counts never change from Python 3.12 on.
    watched = [marker, shared, application, environ["wsgi.errors"], environ["wsgi.file_wrapper"]]
    watched += [keys[name] for name in ("PATH_INFO", "HTTP_HOST", "wsgi.input", "REQUEST_METHOD")]
    del keys
    return "%r %d" % ([sys.getrefcount(each) for each in watched], sys.getallocatedblocks())


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/counts":
        kept.clear()
        start_response("200 OK", [])
        return [counts(environ).encode()]
    environ["test.marker"] = marker
    environ["test.shared"] = shared
    if path == "/keep":
        kept.update(environ=environ, start_response=start_response)
    if path == "/raise":
        raise ValueError(marker, environ)
    if path == "/bad_header":
        start_response("200 OK", [("X-A", "\r\n")])
    if path == "/read":
        body = environ["wsgi.input"].readlines()
    else:
        body = [b"body"]
    write = start_response("200 OK", [("X-Shared", shared), ("X-Latin", "\xe9")])
    if path == "/write":
        write(b"written")
    if path == "/file_wrapper":
        return environ["wsgi.file_wrapper"](io.BytesIO(b"file"))
    if path == "/generator":
        return (part for part in body)
    return body
