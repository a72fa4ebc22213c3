"""Calls a WSGI application in a plain loop for some seconds, prints calls per second: the most that any server can reach.

bareloop.py FOLDER MODULE:CALLABLE PATH SECONDS
"""

import importlib
import io
import sys
import time


def ignore(status, headers, exc_info=None):
    pass


def calls_per_second(name, path, seconds):
    module, _, attribute = name.partition(":")
    app = getattr(importlib.import_module(module), attribute)
    # What a server passes for the load generator's own request.
    template = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "", "RAW_URI": path,
        "REQUEST_URI": path, "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8888",
        "SERVER_SOFTWARE": "bare", "REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": "50000", "HTTP_HOST": "127.0.0.1:8888",
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr, "wsgi.multithread": True,
        "wsgi.multiprocess": False, "wsgi.run_once": False, "wsgi.input_terminated": True,
    }
    clock = time.perf_counter

    def run(duration):
        calls = 0
        start = clock()
        end = start + duration
        while True:
            for _ in range(100):  # the clock is read seldom enough not to count
                environ = template.copy()
                environ["wsgi.input"] = io.BytesIO()
                body = app(environ, ignore)
                for _part in body:
                    pass
                close = getattr(body, "close", None)
                if close is not None:
                    close()
            calls += 100
            now = clock()
            if now >= end:
                return calls / (now - start)

    run(0.5)  # caches, the specializing interpreter
    return run(seconds)


if __name__ == "__main__":
    folder, name, path, seconds = sys.argv[1:]
    sys.path.insert(0, folder)
    print("%.1f" % calls_per_second(name, path, float(seconds)))
