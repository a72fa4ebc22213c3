"""What the interpreter says about itself, and what its signal handlers do."""
import os
import signal
import sys
import threading


def on_usr1(number, frame):
    where = "main" if threading.current_thread() is threading.main_thread() else "wrong"
    print("handler ran on the", where, "thread", file=sys.stderr, flush=True)


def on_usr2(number, frame):
    1 / 0


signal.signal(signal.SIGUSR1, on_usr1)
signal.signal(signal.SIGUSR2, on_usr2)

ANSWERS = {
    "/argv0": lambda: sys.argv[0],
    "/path0": lambda: sys.path[0],
    "/cwd": os.getcwd,
    "/main": lambda: sys.modules["__main__"].__name__,
    "/encoding": sys.getfilesystemencoding,
    "/executable": lambda: sys.executable,
}


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [ANSWERS[environ["PATH_INFO"]]().encode()]
