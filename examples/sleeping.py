"""An application that sleeps, as for a slow database, and says where: docs/concurrency.md shows what it is good for."""

import os
import threading
import time
from urllib.parse import parse_qs

PAGE = "slept %g s in process %d (child of %d), thread %s\n"


def app(environ, start_response):
    seconds = float(parse_qs(environ["QUERY_STRING"]).get("seconds", ["3"])[0])
    time.sleep(seconds)
    body = (PAGE % (seconds, os.getpid(), os.getppid(), threading.current_thread().name)).encode()
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
