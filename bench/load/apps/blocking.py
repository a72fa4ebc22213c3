"""/block?SECONDS sleeps so long, as a hung database would have it; every other path answers at once."""

import time


def app(environ, start_response):
    if environ["PATH_INFO"] == "/block":
        time.sleep(float(environ["QUERY_STRING"]))
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "13")])
    return [b"Hello, World!"]
