"""Requests that wait inside the application until a gate opens: /open, or SIGUSR1, opens it."""
import signal
import threading

gate = threading.Event()
lock = threading.Lock()
inside = 0
kinds = {}  # of the threads that were here: whether it is the main one, and whether a thread it starts is a daemon

signal.signal(signal.SIGUSR1, lambda number, frame: gate.set())


def application(environ, start_response):
    global inside
    main = threading.current_thread() is threading.main_thread()
    kinds[threading.get_ident()] = (main, threading.Thread().daemon)
    path = environ["PATH_INFO"]
    body = b"?"
    if path == "/wait":
        with lock:
            inside += 1
        while not gate.wait(0.01):  # returns to the interpreter, so that a signal handler can run
            pass
        with lock:
            inside -= 1
        body = b"through"
    elif path == "/count":
        body = b"%d" % inside
    elif path == "/kinds":
        body = repr(sorted(kinds.values())).encode()
    elif path == "/open":
        gate.set()
        body = b"opened"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return stream() if path == "/stream" else [body]


def stream():
    yield b"before"
    gate.wait()
    yield b"after"
