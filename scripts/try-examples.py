"""Asks each example application for /hello by a plain WSGI call: try-examples.py FOLDER; status 1 when one fails."""

import importlib
import sys
from wsgiref.util import setup_testing_defaults

GREETINGS = {
    "wsgiapp": b"Hello world from a simple WSGI application!\n",
    "flaskapp": b"Hello world from Flask!\n",
    "pyramidapp": b"Hello world from Pyramid!\n",
    "djangoapp": b"Hello world from Django!\n",
}


def get(app, path):
    environ = {"PATH_INFO": path}
    setup_testing_defaults(environ)
    seen = []
    body = app(environ, lambda status, headers, exc_info=None: seen.append((status, dict(headers))))
    try:
        content = b"".join(body)
    finally:
        getattr(body, "close", lambda: None)()
    status, headers = seen[-1]
    return status, headers["Content-Type"].partition(";")[0], content


def main():
    # The examples' folder stays as it is: several versions would write their caches there.
    sys.dont_write_bytecode = True
    sys.path.insert(0, sys.argv[1])
    failed = 0
    for module, greeting in GREETINGS.items():
        try:
            answer = get(importlib.import_module(module).app, "/hello")
        except Exception as error:
            answer = "%s: %s" % (type(error).__name__, error)
        if answer != ("200 OK", "text/plain", greeting):
            failed += 1
            print("%s on Python %s: %s" % (module, sys.version.split()[0], answer))
    return 1 if failed else 0


sys.exit(main())
