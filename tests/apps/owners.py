"""What shows who owns a connection, a signal and the end: uploads, a fork, a handler, a thread to be joined."""
import os
import signal
import sys
import threading
import time

handled = 0
children = []


def on_signal(number, frame):
    global handled
    handled += 1
    print("handled %d." % handled, flush=True)


signal.signal(signal.SIGUSR1, on_signal)


def wait_for_main():
    threading.main_thread().join()
    print("joined", flush=True)


def application(environ, start_response):
    path = environ["PATH_INFO"]
    body = b"ok"
    if path == "/echo":
        body = environ["wsgi.input"].read()
    elif path == "/sleep":
        time.sleep(0.002)
    elif path == "/burn":
        end = time.perf_counter() + 0.002
        while time.perf_counter() < end:
            pass
    elif path == "/thread":
        threading.Thread(target=wait_for_main, daemon=False).start()
    elif path == "/fork":
        child = os.fork()
        if child == 0:
            os.read(children_end[0], 1)  # until the parent lets it go, holding every socket that it was born with
            os._exit(0)
        children.append(child)
    elif path == "/reap":
        before = time.process_time()
        time.sleep(0.5)
        body = b"%d" % ((time.process_time() - before) * 1000)
        os.write(children_end[1], b"x")
        os.waitpid(children.pop(), 0)
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return pieces() if path == "/pieces" else [body]


def pieces():
    for _ in range(64):
        yield b"x" * 65536
    print("all given", flush=True)


children_end = os.pipe()
