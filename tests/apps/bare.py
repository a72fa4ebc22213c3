"""The least an application can do, for counting references and allocations."""
marker = object()
keep_marker = False


def app(environ, start_response):
    if keep_marker:
        environ["test.marker"] = marker
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"Hello, World!"]
