"""A correct application under wsgiref.validate, which checks the server's side as well as the application's."""
from wsgiref.validate import validator


@validator
def application(environ, start_response):
    source = environ["wsgi.input"]
    first = source.read(3)
    rest = [source.readline(), *source.readlines()]
    environ["wsgi.errors"].write("validated\n")
    environ["wsgi.errors"].flush()
    write = start_response("200 OK", [("Content-Type", "text/plain"), ("X-Method", environ["REQUEST_METHOD"])])
    write(b"written ")
    return iter([first, b" ", b"".join(rest)])
