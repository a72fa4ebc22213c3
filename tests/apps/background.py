"""A thread of the application's own, which needs the GIL while no request runs."""
import sys
import threading


def count():
    for number in range(21):
        threading.Event().wait(0.001)
    print("the background thread counted to", number, file=sys.stderr, flush=True)


threading.Thread(target=count, daemon=True).start()


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
