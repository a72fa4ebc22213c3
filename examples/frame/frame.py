"""A small web framework: an application is a table of paths, each with the view that answers it.

A view is called with the Request and the named parts of its path. It returns a body, or (status, headers, body):
    HTML      a page, text/html; the function html() makes it
    str       plain text: what nobody has escaped is shown by the browser, never run
    bytes     anything else, an iterable of bytes too; the view's headers name its Content-Type
"""

import mimetypes
import os
import re
import traceback
from functools import cached_property
from html import escape
from http import HTTPStatus
from urllib.parse import parse_qsl, quote
from wsgiref.util import FileWrapper

FORM_LIMIT = 64 * 1024  # bytes: more than anybody types


class HTML(str):
    """Text that may go into a page as it is."""


def html(template, **values):
    """Fills in the template's {names}, escaping what is not HTML yet, so that nothing a visitor sends is markup."""
    safe = {name: value if isinstance(value, HTML) else escape(str(value)) for name, value in values.items()}
    return HTML(template.format_map(safe))


class HTTPError(Exception):
    """Ends a view with the application's page for a status: ``raise HTTPError(404)``. Header fields may follow it."""


def decode(native):
    # PEP 3333 "Unicode Issues": a string of the environ holds one byte in each character.
    return native.encode("latin-1").decode("utf-8", "replace")


def parse_fields(encoded):
    """The fields by name; of several with one name, the last."""
    try:
        return dict(parse_qsl(decode(encoded), keep_blank_values=True, max_num_fields=100))
    except ValueError:  # more fields than that
        raise HTTPError(400) from None


class Request:
    """What the browser asks for, read from the environ as far as a view wants to know it."""

    def __init__(self, environ):
        self.environ = environ
        self.method = environ["REQUEST_METHOD"]
        self.path = decode(environ.get("PATH_INFO", "")) or "/"

    @cached_property
    def query(self):
        return parse_fields(self.environ.get("QUERY_STRING", ""))

    @cached_property
    def form(self):
        kind = self.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise HTTPError(415)
        # Without a length, only a server that says so ends the input where the body ends: others would wait for more.
        unknown = FORM_LIMIT + 1 if self.environ.get("wsgi.input_terminated") else 0
        length = int(self.environ.get("CONTENT_LENGTH") or unknown)
        body = self.environ["wsgi.input"].read(max(0, min(length, FORM_LIMIT + 1)))
        if len(body) > FORM_LIMIT:
            raise HTTPError(413)
        return parse_fields(body.decode("latin-1"))

    def url(self, path):
        """The address of one of the application's paths, below whatever prefix the server has put it."""
        return quote(decode(self.environ.get("SCRIPT_NAME", "")) + path)


def files(folder):
    """A view for "…/<name>": the folder's own files; none that begins with a dot, no link that leads elsewhere."""
    folder = os.path.realpath(folder)

    def view(request, name):
        path = os.path.join(folder, name)
        # isfile() is False for a FIFO, which open() would wait for, and for NUL, which realpath() would not take.
        if name.startswith(".") or not os.path.isfile(path) or os.path.dirname(os.path.realpath(path)) != folder:
            raise HTTPError(404)
        kind, packed = mimetypes.guess_type(name)
        kind = "application/octet-stream" if packed or not kind else kind
        kind += "; charset=utf-8" if kind.startswith("text/") else ""
        file = open(path, "rb")
        size = str(os.fstat(file.fileno()).st_size)
        send = request.environ.get("wsgi.file_wrapper", FileWrapper)
        return 200, [("Content-Type", kind), ("Content-Length", size)], send(file)

    return view


class Application:
    """The WSGI application for a table of (method, path, view), of which the first line that fits a request decides.
    A path is literal but for its <name> parts, each of which stands for anything without a slash."""

    def __init__(self, table, error_page=lambda request, status: HTTPStatus(status).phrase + "\n"):
        self._error_page = error_page
        self._table = [(method, re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", re.escape(path))), view)
                       for method, path, view in table]

    def __call__(self, environ, start_response):
        try:
            status, headers, body = self._complete(self._answer(Request(environ)))
        except Exception:
            environ["wsgi.errors"].write(traceback.format_exc())
            # The plainest page there is, for what failed may have been the error page itself.
            status, headers, body = self._complete((500, [], "Internal Server Error\n"))
        if environ["REQUEST_METHOD"] == "HEAD":
            getattr(body, "close", lambda: None)()
            body = []
        start_response(status, headers)
        return body

    def _answer(self, request):
        wanted = "GET" if request.method == "HEAD" else request.method
        allowed = set()
        try:
            for method, pattern, view in self._table:
                match = pattern.fullmatch(request.path)
                if match and method == wanted:
                    return view(request, **match.groupdict())
                if match:
                    allowed |= {method, "HEAD"} if method == "GET" else {method}
            raise HTTPError(405, ("Allow", ", ".join(sorted(allowed)))) if allowed else HTTPError(404)
        except HTTPError as error:
            status, *headers = error.args
            return status, headers, self._error_page(request, status)

    @staticmethod
    def _complete(answer):
        status, headers, body = answer if isinstance(answer, tuple) else (200, [], answer)
        headers = [*headers, ("X-Content-Type-Options", "nosniff")]
        if body is None:
            raise TypeError("the view returned None")
        if isinstance(body, str):
            kind = "text/html" if isinstance(body, HTML) else "text/plain"
            headers.append(("Content-Type", kind + "; charset=utf-8"))
            body = body.encode()
        if isinstance(body, bytes):
            headers.append(("Content-Length", str(len(body))))
            body = [body]
        return "%d %s" % (status, HTTPStatus(status).phrase), headers, body
