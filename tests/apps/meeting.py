"""Who is inside the application at once: each request leaves a file in the folder MEETING for as long as it is inside.

/?N waits until N of them are there, or until the file "go" is, and tells the most that it has seen. No clock decides.
"""
import os
import sys
import threading
import time

FOLDER = os.environ["MEETING"]


def inside():
    return sum(name.startswith("inside") for name in os.listdir(FOLDER))


def application(environ, start_response):
    wanted = int(environ["QUERY_STRING"])
    marker = os.path.join(FOLDER, "inside-%d-%d" % (os.getpid(), threading.get_ident()))
    with open(marker, "x"):  # a second request on this thread would find it
        pass
    print("inside", os.getpid(), file=sys.stderr, flush=True)
    most = inside()
    while most < wanted and not os.path.exists(os.path.join(FOLDER, "go")):
        time.sleep(0.005)
        most = max(most, inside())
    if most >= wanted:
        wait_for_the_others(wanted)
    os.remove(marker)
    body = b"%d at once, process %d of parent %d" % (most, os.getpid(), os.getppid())
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def wait_for_the_others(wanted):
    """Nobody leaves before all have seen all."""
    with open(os.path.join(FOLDER, "seen-%d-%d" % (os.getpid(), threading.get_ident())), "x"):
        pass
    while sum(name.startswith("seen") for name in os.listdir(FOLDER)) < wanted:
        time.sleep(0.005)
