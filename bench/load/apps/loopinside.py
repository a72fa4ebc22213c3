"""The bare loop inside a server's process: what the same application reaches on the libpython that the server loads."""

import os
import sys
from urllib.parse import parse_qs

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import bareloop  # noqa: E402


def app(environ, start_response):
    query = parse_qs(environ["QUERY_STRING"])
    start_response("200 OK", [("Content-Type", "text/plain")])
    if not query:
        return [b"Hello, World!"]  # what every server here is asked first
    rate = bareloop.calls_per_second(query["app"][0], query["path"][0], float(query["seconds"][0]))
    return [b"%.1f" % rate]
