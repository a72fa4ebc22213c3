"""A folder of files, and the servers that give them out: seriema with an application beside them, and nginx."""

import http.client
import os

import measure
from servers import Nginx, Seriema

TEXT = b"Hello, World!\n"  # what every server is asked for before it is measured
SMALL, LARGE = "/files/small.html", "/files/large.bin"
SMALL_BYTES, LARGE_BYTES = 10_000, 100_000_000
FOLDERS, FILES_EACH = 100, 100
KEPT_AS_BYTES, KEPT_OPEN = 10_000, 20_000  # half of the many files each; --static-file-memory is between them
MANY_BYTES = FOLDERS * FILES_EACH * (KEPT_AS_BYTES + KEPT_OPEN) // 2

# Picks one of all paths at random for each request; written once, so that wrk has nothing else to do.
LUA = """
local paths, count = {}, 0
for line in io.lines("%s") do count = count + 1; paths[count] = line end
local requests = {}
function init(arguments)
    for number = 1, count do requests[number] = wrk.format("GET", paths[number]) end
end
function request() return requests[math.random(count)] end
"""


class Folder:
    """What is served: a small file, a large one, and many."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "html")
        self.script = os.path.join(folder, "random.lua")
        self._write(SMALL, SMALL_BYTES)
        self._write(LARGE, LARGE_BYTES)
        names = ["/files/%02d/%02d.html" % (outer, inner) for outer in range(FOLDERS) for inner in range(FILES_EACH)]
        for number, name in enumerate(names):
            self._write(name, KEPT_OPEN if number % 2 else KEPT_AS_BYTES)
        listed = os.path.join(folder, "paths")
        with open(listed, "w") as file:
            file.write("\n".join(names) + "\n")
        with open(self.script, "w") as file:
            file.write(LUA % listed)

    def _write(self, name, length):
        path = self.path + name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        block = TEXT * 10_000
        with open(path, "wb") as file:
            while length > 0:
                length -= file.write(block[:length])


class SeriemaFiles(Seriema):
    def __init__(self, folder, app="hello:app", threads=None, options=()):
        super().__init__(app, SMALL, threads)
        self.folder, self.options = folder, list(options)

    def command(self, port, folder):
        return super().command(port, folder) + ["--static", "/files=%s/files" % self.folder.path, *self.options]


class NginxFiles(Nginx):
    """One worker process and its defaults, but for the one that the comparison is about."""

    def __init__(self, folder):
        super().__init__(SMALL)
        self.name, self.folder = "nginx sendfile on", folder

    def location(self):
        return "types { text/html html; } root %s; sendfile on;" % self.folder.path


def tag_of_small(process):
    """The small file's ETag; nobody measures a server that does not give it whole, nor 304 to who has it."""
    status, fields, body = _ask(process.port, {})
    if status != 200 or len(body) != SMALL_BYTES or body != (TEXT * SMALL_BYTES)[:SMALL_BYTES]:
        raise measure.Unavailable("does not give the small file: %d, %d bytes" % (status, len(body)))
    tag = fields.get("ETag", "")
    status, _, body = _ask(process.port, {"If-None-Match": tag})
    if status != 304 or body:
        raise measure.Unavailable("answers %d to If-None-Match: %s" % (status, tag))
    return tag


def _ask(port, fields):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", SMALL, headers=fields)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()
