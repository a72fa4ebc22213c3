"""Takes answers apart, strictly: what is not exactly an HTTP/1.1 response is a wrong answer."""

import re

LIMIT = 65536  # of a head
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d) [ -~]*\Z")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([ -~\t]*?)[ \t]*\Z")
CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})\Z")


class Wrong(Exception):
    """An answer that should not have been given."""


class Answer:
    def __init__(self, status, fields, keeps):
        self.status, self.fields, self.keeps = status, fields, keeps
        self.blocks, self.received = [], 0

    def add(self, block):
        self.blocks.append(block)
        self.received += len(block)

    @property
    def body(self):
        return b"".join(self.blocks)


class Reader:
    """Bytes in, whole answers out. The method of the request decides whether there is a body (RFC 9112 §6.3)."""

    def __init__(self):
        self.buffer, self.answer, self.framing, self.left = bytearray(), None, None, 0

    @property
    def has_begun(self):
        return self.answer is not None or bool(self.buffer)

    def feed(self, data):
        self.buffer += data

    def next(self, method):
        """A whole answer, or None; interim ones are answers with a status below 200."""
        if self.answer is None and not self.head(method):
            return None
        while True:
            if self.framing == "after" and not self.after() or self.framing == "chunk" and not self.chunk():
                return None
            if self.framing == "last" or self.framing in ("none", "length") and not self.left:
                return self.done()
            if not self.buffer:
                return None
            block = bytes(self.buffer if self.framing == "close" else self.buffer[:self.left])
            del self.buffer[:len(block)]
            self.answer.add(block)
            self.left -= len(block)
            if self.framing == "data" and not self.left:
                self.framing = "after"

    def head(self, method):
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self.buffer) > LIMIT:
                raise Wrong("a head of more than %d bytes" % LIMIT)
            return False
        lines = bytes(self.buffer[:end]).split(b"\r\n")
        del self.buffer[:end + 4]
        status = STATUS_LINE.match(lines[0])
        if not status:
            raise Wrong("the status line %r" % lines[0][:100])
        fields = {}
        for line in lines[1:]:
            match = FIELD.match(line)
            if not match:
                raise Wrong("the field line %r" % line[:100])
            name = match[1].decode().lower()
            if name in fields and name in ("content-length", "transfer-encoding", "x-token"):
                raise Wrong("two fields %s" % name)
            fields[name] = match[2].decode()
        self.answer = Answer(int(status[1]), fields, fields.get("connection", "").lower() != "close")
        self.framing, self.left = self.frame(method), 0
        if self.framing == "length":
            self.left = int(fields["content-length"])
        return True

    def frame(self, method):
        fields, status = self.answer.fields, self.answer.status
        if "transfer-encoding" in fields and "content-length" in fields:
            raise Wrong("Content-Length and Transfer-Encoding in one answer")
        if method == "HEAD" or status < 200 or status in (204, 304):
            return "none"
        if "transfer-encoding" in fields:
            if fields["transfer-encoding"] != "chunked":
                raise Wrong("Transfer-Encoding: %s" % fields["transfer-encoding"])
            return "chunk"
        if "content-length" in fields:
            if not fields["content-length"].isdigit():
                raise Wrong("Content-Length: %s" % fields["content-length"])
            return "length"
        if self.answer.keeps:
            raise Wrong("an answer without a length on a connection that goes on")
        return "close"

    def chunk(self):
        """The line before a chunk; the last one's ends the answer, since nobody here sends trailers."""
        end = self.buffer.find(b"\r\n")
        if end < 0:
            return False
        match = CHUNK.match(bytes(self.buffer[:end]))
        if not match:
            raise Wrong("the chunk line %r" % bytes(self.buffer[:min(end, 100)]))
        size = int(match[1], 16)
        if not size:
            if len(self.buffer) < end + 4:
                return False
            if self.buffer[end:end + 4] != b"\r\n\r\n":
                raise Wrong("trailers %r" % bytes(self.buffer[end:end + 100]))
            del self.buffer[:end + 4]
            self.framing = "last"
            return True
        del self.buffer[:end + 2]
        self.framing, self.left = "data", size
        return True

    def after(self):
        """What ends a chunk."""
        if len(self.buffer) < 2:
            return False
        if self.buffer[:2] != b"\r\n":
            raise Wrong("%r behind a chunk" % bytes(self.buffer[:2]))
        del self.buffer[:2]
        self.framing = "chunk"
        return True

    def done(self):
        answer, self.answer, self.framing = self.answer, None, None
        return answer

    def end(self):
        """The connection's end is an answer's when nothing else can be."""
        return self.done() if self.framing == "close" else None


def check(ask, answer):
    """Raises Wrong when the answer is not the request's."""
    def must(holds, what):
        if not holds:
            raise Wrong("%s: %s (status %d, fields %r, body of %d bytes %r)"
                        % (ask.kind, what, answer.status, answer.fields, answer.received, answer.body[:80]))

    must(answer.status in ask.status, "the status is not in %r" % (ask.status,))
    for name, value in ask.fields.items():
        must(answer.fields.get(name) == value, "%s is not %r" % (name, value))
    must(ask.kind != "malformed" or not answer.keeps, "the connection goes on")
    # A field of the application in the server's own answer, or in that of a file, would be another request's.
    must("x-token" in ask.fields or "x-token" not in answer.fields, "a token where there must be none")
    if ask.method == "HEAD":
        must(not answer.received, "a body")
    elif ask.answer is not None:
        must(answer.received == len(ask.answer) and answer.body == ask.answer, "the body is not the one of %d bytes" % len(ask.answer))
