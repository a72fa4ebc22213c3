"""Writes down every request that arrives, as one line of JSON in the file $PROBE_LOG, and answers with its number."""
import hashlib
import json
import os

_log = os.open(os.environ.get("PROBE_LOG", os.devnull), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def application(environ, start_response):
    digest = hashlib.sha256()
    length = 0
    error = None
    try:
        while True:
            piece = environ["wsgi.input"].read(65536)
            if not piece:
                break
            digest.update(piece)
            length += len(piece)
    except Exception as raised:  # a body that breaks off, or breaks its framing
        error = "%s: %s" % (type(raised).__name__, raised)
    number = environ.get("HTTP_X_PROBE", "")
    record = {
        "number": number,
        "method": environ["REQUEST_METHOD"],
        "target": environ["REQUEST_URI"],
        "length": length,
        "hash": digest.hexdigest(),
        "error": error,
    }
    os.write(_log, (json.dumps(record) + "\n").encode())
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Answered", number.encode("ascii", "replace").decode())])
    return [("%s %s %d\n" % (number, environ["REQUEST_METHOD"], length)).encode("latin-1", "replace")]
