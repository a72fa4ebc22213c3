"""Asks a WSGI application by a plain call, under the validator, which checks both sides of it."""

import io
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator


class Answer:
    def __init__(self, status, headers, body, errors):
        self.status, self.headers, self.body, self.errors = status, headers, body, errors

    @property
    def text(self):
        return self.body.decode()

    def header(self, name):
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) < 2, "%s is there %d times" % (name, len(values))
        return values[0] if values else None


def ask(application, method, path, body=None, **environ):
    """One request. Path and environ are given as text or bytes, and become the strings that PEP 3333 wants."""
    errors = io.StringIO()
    environ = {"QUERY_STRING": "", "SCRIPT_NAME": "", **environ}
    environ.update({"REQUEST_METHOD": method, "PATH_INFO": path})
    environ = {key: (value.encode() if isinstance(value, str) else value).decode("latin-1")
               if isinstance(value, (str, bytes)) else value for key, value in environ.items()}
    environ["wsgi.errors"] = errors
    environ.setdefault("wsgi.input", io.BytesIO(body or b""))
    if body is not None:
        environ.setdefault("CONTENT_TYPE", "application/x-www-form-urlencoded")
        environ.setdefault("CONTENT_LENGTH", str(len(body)))
    setup_testing_defaults(environ)
    heads = []

    def start_response(status, headers, exc_info=None):
        heads.append((status, headers))
        return lambda data: None

    result = validator(application)(environ, start_response)
    try:
        content = b"".join(result)
    finally:
        result.close()
    (status, headers), = heads
    return Answer(status, headers, content, errors.getvalue())
