"""Computes in Python for about a millisecond: a second worker is worth a second core."""


def app(environ, start_response):
    total = 0
    for number in range(12000):
        total += number & 7
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "13")])
    return [b"Hello, World!" if total else b""]
