"""An application that forks inside a request: a child that uses the request's objects, one that stays, and what it holds."""
import multiprocessing
import os
import signal

held, release = os.pipe()  # nobody writes


def work(errors):
    signal.alarm(2)  # a lock of the runtime may have been held when it was born: then it waits for ever
    for number in range(200):
        errors.write("from the child %d\n" % number)


def application(environ, start_response):
    path = environ["PATH_INFO"]
    body = b"ok"
    if path == "/work":
        child = multiprocessing.get_context("fork").Process(target=work, args=(environ["wsgi.errors"],))
        child.start()
        child.join()
    elif path == "/outlive":
        child = os.fork()
        if child == 0:
            while True:
                os.read(held, 1)  # the child has the other end too: it waits until it is killed
        body = b"%d" % child
    elif path == "/environ":
        body = (os.environ.get("DOTNET_EnableWriteXorExecute") or os.environ.get("DOTNET_EnableDiagnostics") or "none").encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
