"""What a program does at its end: atexit, buffered output, a thread that is no daemon, a signal that means exit."""
import atexit
import signal
import sys
import threading
import time

ending = threading.Event()


def at_exit():
    print("atexit ran")


def wait_for_main():
    threading.main_thread().join()
    print("the thread that is no daemon was joined")


atexit.register(at_exit)
signal.signal(signal.SIGUSR2, lambda number, frame: sys.exit(3))
started = []


def application(environ, start_response):
    if not started and environ["PATH_INFO"] == "/":
        started.append(threading.Thread(target=wait_for_main))
        started[0].start()
    if environ["PATH_INFO"] == "/stuck":
        print("stuck now", file=sys.stderr, flush=True)
        while True:
            time.sleep(0.01)
    print("printed by the request")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"bye"]
