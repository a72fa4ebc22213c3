"""Counts the references that a server might forget to give back, or give back once too often."""
import sys

MARKER = object()
seen_keys = {}


def application(environ, start_response):
    if environ["PATH_INFO"] == "/counts":
        start_response("200 OK", [("Content-Type", "text/plain")])
        names = ["REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "HTTP_HOST", "HTTP_COOKIE", "HTTP_X_ODD", "wsgi.input"]
        counts = {name: sys.getrefcount(seen_keys[name]) for name in names}
        counts["application"] = sys.getrefcount(application)
        counts["marker"] = sys.getrefcount(MARKER)
        counts["type of start_response"] = sys.getrefcount(type(start_response))
        counts["errors"] = sys.getrefcount(environ["wsgi.errors"])
        counts["file_wrapper"] = sys.getrefcount(environ["wsgi.file_wrapper"])
        if sys.version_info < (3, 12):  # from then on None is immortal and its count says nothing
            counts["None to the nearest 100"] = round(sys.getrefcount(None), -2)
        return [repr(counts).encode()]
    environ["marker"] = MARKER
    if not seen_keys:
        seen_keys.update({key: key for key in environ})
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-None", str(None))])
    return [b"0123456789"]
