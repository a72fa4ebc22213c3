"""Hello world without a framework: ``seriema wsgiapp:app``. It answers every path, ``/hello`` too."""


def app(environ, start_response):
    """A WSGI application as PEP 3333 defines it: a callable that returns an iterable of bytes."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"Hello world from a simple WSGI application!\n"]
