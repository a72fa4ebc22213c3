"""Applications in every place that MODULE:CALLABLE can name."""


def application(environ, start_response):
    start_response("200 OK", [])
    return [b"application"]


def make_app(name="default", *, debug=False, sizes=()):
    def made(environ, start_response):
        start_response("200 OK", [])
        return [("%s %s %s" % (name, debug, list(sizes))).encode()]
    return made


def broken_factory():
    raise LookupError("no such configuration")


class holder:
    class inner:
        app = staticmethod(application)
        make = staticmethod(make_app)


number = 42
