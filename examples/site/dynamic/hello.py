"""A script page in WSGI's own form: ``application`` takes the environ and start_response, as PEP 3333 has it."""

from urllib.parse import parse_qs


def application(environ, start_response):
    name = parse_qs(environ.get("QUERY_STRING", "")).get("name", ["world"])[0]
    # text/plain: whatever the name contains, the browser shows it and runs none of it.
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")])
    return [("Hello %s from a script page!\n" % name).encode()]
