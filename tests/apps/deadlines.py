"""Requests that take too long, each in its own way."""
import ctypes
import os
import threading
import time

libc = ctypes.CDLL(None)  # releases the GIL around each call
libc_with_gil = ctypes.PyDLL(None)  # keeps it
stuck_reader, stuck_writer = os.pipe()
events = []  # what requests that were interrupted have to tell


def application(environ, start_response):
    return routes[environ["PATH_INFO"]](environ, start_response)


def answer(start_response, body):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def ping(environ, start_response):
    return answer(start_response, b"pong")


def sleep(environ, start_response):
    try:
        time.sleep(3600)  # the line that the log is to show
    finally:
        events.append("cleaned up")
    return answer(start_response, b"slept")


def compute(environ, start_response):
    while True:
        pass


def swallow(environ, start_response):
    try:
        time.sleep(3600)
    except BaseException as error:
        events.append("%s.%s" % (type(error).__module__, type(error).__name__))
    return answer(start_response, b"swallowed")


def stream(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"begun"
    time.sleep(3600)
    yield b"ended"


def told(environ, start_response):
    return answer(start_response, ",".join(events).encode())


def threads(environ, start_response):
    return answer(start_response, b"%d" % threading.get_ident())


def stuck(environ, start_response):
    libc.read(stuck_reader, ctypes.create_string_buffer(1), 1)  # until /release
    return answer(start_response, b"back")


def release(environ, start_response):
    os.write(stuck_writer, b"x")
    return answer(start_response, b"released")


def hold(environ, start_response):
    libc_with_gil.pause()
    return answer(start_response, b"never")


routes = {
    "/": ping, "/sleep": sleep, "/compute": compute, "/swallow": swallow, "/stream": stream, "/told": told,
    "/threads": threads, "/stuck": stuck, "/release": release, "/hold": hold,
}
