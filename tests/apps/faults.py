"""Says which process answers, and goes wrong in the ways that a process, or a thread of one, can."""
import ctypes
import os
import sys
import time

order = []  # of the numbers that /order was called with
kept = []


def say(what):
    print(what, "in", os.getpid(), file=sys.stderr, flush=True)


def wait_for(path):
    say("waiting")
    while not os.path.exists(path):
        time.sleep(0.005)


def sleep():
    say("sleeping")
    time.sleep(60)  # the line that the log must name


def spin():
    say("spinning")
    while True: pass  # one line, so that a stack of it names no other


def sleep_in_c(library):
    say("sleeping in C")
    library.sleep(60)


def processor_time():
    before = time.process_time()
    time.sleep(0.5)
    return b"%d" % ((time.process_time() - before) * 1000)


def application(environ, start_response):
    path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
    body = b"%d 1" % os.getpid()
    if path == "/exit":
        os._exit(7)
    elif path == "/segv":
        ctypes.string_at(0)
    elif path == "/abort":
        os.abort()
    elif path == "/wait":
        wait_for(query)
    elif path == "/sleep":
        sleep()
    elif path == "/spin":
        spin()
    elif path == "/sleep-in-c":
        sleep_in_c(ctypes.CDLL(None))  # gives the GIL away
    elif path == "/sleep-with-gil":
        sleep_in_c(ctypes.PyDLL(None))
    elif path == "/grow":
        kept.append(bytearray(int(query) << 20))
        kept[-1][::4096] = b"x" * len(kept[-1][::4096])  # a page counts once it is written to
    elif path == "/order":
        order.append(query)
    elif path == "/orders":
        body = " ".join(order).encode()
    elif path == "/processor-time":
        body = processor_time()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
