"""Requests made at random, each with what its answer must be."""

import hashlib
import os
from dataclasses import dataclass, field
from typing import List, Optional, Tuple

from contents import content

FILES = {"none.bin": 0, "small.bin": 100, "page.bin": 10_000, "middle.bin": 200_000, "large.bin": 3_000_000}
TAGS = {}  # of static files, as the server told them


def file_bytes(name):
    return content("file " + name, FILES[name])


def write_files(folder):
    for name in FILES:
        with open(os.path.join(folder, name), "wb") as file:
            file.write(file_bytes(name))


@dataclass
class Ask:
    """One request and what is known of its answer."""

    kind: str
    token: str
    head: bytes
    body: bytes = b""  # framed
    status: Tuple[int, ...] = (200,)
    answer: Optional[bytes] = b""  # the body; None where it is the server's own text
    fields: dict = field(default_factory=dict)  # of the answer, lower case
    method: str = "GET"
    continues: bool = False  # waits for 100 Continue
    breaks: bool = False  # the answer ends short of its end
    closes: bool = False  # the connection may end with the answer
    reaches: bool = True  # may reach the application

    @property
    def bytes(self):
        return self.head + self.body


class Asker:
    """Makes the requests of one visitor; the same ones for the same seed."""

    def __init__(self, chance, name):
        self.chance, self.name, self.count = chance, name, 0
        kinds = [(self.echo, 16), (self.digest, 6), (self.ignore, 6), (self.blocks, 12), (self.file, 8), (self.static, 14),
                 (self.wait, 6), (self.status, 8), (self.fail, 4), (self.head_only, 4), (self.missing, 3)]
        self.kinds, self.weights = zip(*kinds)

    def any(self):
        return self.chance.choices(self.kinds, self.weights)[0]()

    def token(self):
        self.count += 1
        return "%s.%d" % (self.name, self.count)

    def length(self, most):
        """Small ones more often than large ones, and the bounds of buffers now and then."""
        if self.chance.random() < 0.1:
            return min(most, self.chance.choice((0, 1, 4095, 4096, 16384, 65536, 1 << 20)))
        return int(most ** self.chance.random())

    def make(self, kind, target, method="GET", fields=(), **rest):
        token = rest.pop("token", None) or self.token()
        version = rest.pop("version", "1.1")
        lines = ["%s %s HTTP/%s" % (method, target.replace("TOKEN", token), version), "Host: 127.0.0.1", *fields]
        for _ in range(self.chance.randrange(4)):
            lines.append("X-Fill-%d: %s" % (self.chance.randrange(9), "f" * self.length(1000)))
        head = "\r\n".join(lines) + "\r\n\r\n"
        ours = {} if rest.pop("foreign", False) else {"x-token": token}
        return Ask(kind, token, head.encode(), method=method, fields={**ours, **rest.pop("expected", {})}, **rest)

    def framed(self, body):
        """(fields, bytes on the wire)."""
        if self.chance.random() < 0.5:
            return ["Content-Length: %d" % len(body)], body
        wire, at = [], 0
        while at < len(body):
            size = self.length(300_000) + 1
            block = body[at:at + size]
            extension = b";soak=%d" % self.chance.randrange(99) if self.chance.random() < 0.1 else b""
            wire.append(b"%x%s\r\n%s\r\n" % (len(block), extension, block))
            at += size
        trailer = b"X-Trailer: soak\r\n" if self.chance.random() < 0.2 else b""
        return ["Transfer-Encoding: chunked"], b"".join(wire) + b"0\r\n" + trailer + b"\r\n"

    def upload(self, kind, target, body, token, **rest):
        fields, wire = self.framed(body)
        continues = self.chance.random() < 0.15
        if continues:
            fields.append("Expect: 100-continue")
        return self.make(kind, target, "POST", fields, token=token, body=wire, continues=continues, **rest)

    def echo(self):
        token = self.token()
        body = content("up " + token, self.length(2_000_000))
        how = self.chance.choice(("length", "blocks", "write"))
        return self.upload("echo, " + how, "/echo?mark=TOKEN&how=%s&read=%d" % (how, self.length(100_000) + 50), body, token,
                           answer=body, expected={"x-sha256": hashlib.sha256(body).hexdigest()})

    def digest(self):
        token = self.token()
        body = content("up " + token, self.length(6_000_000))
        text = "%s %d" % (hashlib.sha256(body).hexdigest(), len(body))
        return self.upload("digest", "/digest?mark=TOKEN&read=%d" % (self.length(1_000_000) + 500), body, token, answer=text.encode())

    def ignore(self):
        token, length = self.token(), self.length(100_000)
        body = content("up " + token, self.length(3_000_000))
        ask = self.upload("ignored body", "/ignore?mark=TOKEN&length=%d" % length, body, token, answer=content(token, length))
        ask.closes = ask.continues  # the answer comes in place of 100 Continue, and leaves open whether the body does
        return ask

    def blocks(self):
        token, length = self.token(), self.length(3_000_000)
        block, how = self.length(100_000) + 100, self.chance.choice(("counted", "chunked"))
        target = "/blocks?mark=TOKEN&length=%d&block=%d&how=%s" % (length, block, how)
        return self.make("blocks, " + how, target, token=token, answer=content(token, length))

    def broken(self):
        token, length = self.token(), self.length(500_000) + 10
        target = "/blocks?mark=TOKEN&length=%d&block=%d&fails=%d&how=counted" % (length, length // 3 + 1, length // 3)
        return self.make("broken response", target, token=token, answer=content(token, length), breaks=True, closes=True)

    def file(self):
        name = self.chance.choice(list(FILES))
        start, how = self.chance.randrange(FILES[name] + 1), self.chance.choice(("counted", "unknown"))
        return self.make("file_wrapper", "/file?mark=TOKEN&name=%s&start=%d&how=%s" % (name, start, how), answer=file_bytes(name)[start:])

    def static(self):
        name = self.chance.choice(list(FILES))
        whole, size, target = file_bytes(name), FILES[name], "/files/%s?mark=TOKEN" % name
        kind = self.chance.randrange(6)
        if kind == 0 and name in TAGS:
            return self.make("static, 304", target, fields=["If-None-Match: " + TAGS[name]], status=(304,), foreign=True, reaches=False)
        if kind == 1 and size:  # of an empty file the range is ignored, as nginx does
            start = size + self.chance.randrange(1000)
            return self.make("static, 416", target, fields=["Range: bytes=%d-" % start], status=(416,), answer=None, foreign=True,
                             expected={"content-range": "bytes */%d" % size}, reaches=False)
        if kind in (2, 3) and size:
            start = self.chance.randrange(size)
            end = min(size - 1, start + self.length(size))
            shape = self.chance.choice(("%d-%d" % (start, end), "%d-" % start, "-%d" % (size - start)))
            end = end if shape[0] != "-" and shape[-1] != "-" else size - 1
            return self.make("static, range", target, fields=["Range: bytes=" + shape], status=(206,), answer=whole[start:end + 1],
                             foreign=True, expected={"content-range": "bytes %d-%d/%d" % (start, end, size)}, reaches=False)
        return self.make("static", target, answer=whole, foreign=True, reaches=False)

    def wait(self):
        token, length = self.token(), self.length(20_000)
        return self.make("delayed", "/wait?mark=TOKEN&length=%d&ms=%d" % (length, self.chance.randrange(120)), token=token,
                         answer=content(token, length))

    def status(self):
        token, length = self.token(), self.length(5000)
        number = self.chance.choice((204, 301, 304, 403, 404, 409, 500, 503))
        body = b"" if number in (204, 304) else content(token, length)
        return self.make("status %d" % number, "/status?mark=TOKEN&status=%d&length=%d" % (number, length), token=token,
                         status=(number,), answer=body)

    def fail(self):
        if self.chance.random() < 0.5:
            return self.make("exception replaced", "/fail?mark=TOKEN&how=replaced", status=(500,))
        return self.make("exception", "/fail?mark=TOKEN", status=(500,), answer=None, foreign=True)

    def head_only(self):
        token, length = self.token(), self.length(1_000_000)
        return self.make("HEAD", "/blocks?mark=TOKEN&length=%d&how=counted" % length, "HEAD", token=token)

    def missing(self):
        return self.make("no file", "/files/not-there-%d?mark=TOKEN" % self.count, status=(404,))

    def old(self):
        """HTTP/1.0, without keep-alive: the end of the connection may be the end of the body."""
        token, length = self.token(), self.length(500_000)
        return self.make("HTTP/1.0", "/blocks?mark=TOKEN&length=%d&how=%s" % (length, self.chance.choice(("counted", "open"))),
                         token=token, version="1.0", answer=content(token, length), closes=True)

    def closing(self):
        token, length = self.token(), self.length(500_000)
        return self.make("Connection: close", "/blocks?mark=TOKEN&length=%d" % length, fields=["Connection: close"], token=token,
                         answer=content(token, length), closes=True)

    def malformed(self):
        """Refused with one answer, and never executed."""
        token = self.token()
        line, host = "POST /echo?mark=%s HTTP/1.1\r\n" % token, "Host: 127.0.0.1\r\n"
        text = self.chance.choice((
            line + "\r\n",  # no Host
            line + host + host + "\r\n",
            line + host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            line + host + "Content-Length: +5\r\n\r\nhello",
            line + host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            line + host + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
            line + host + "Transfer-Encoding: chunked\r\n\r\n5x\r\nhello\r\n0\r\n\r\n",
            line + host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n",
            line + host + "X Y: 1\r\n\r\n",
            line + host + " folded: 1\r\n\r\n",
            line + host + "X: a\0b\r\n\r\n",
            line + host + "X: %s\r\n\r\n" % ("y" * 9000),
            "POST  /echo?mark=%s HTTP/1.1\r\n%s\r\n" % (token, host),
            "GET /echo?mark=%s%s HTTP/1.1\r\n%s\r\n" % (token, "z" * 9000, host),
            "GET /echo?mark=%s HTTP/2.0\r\n%s\r\n" % (token, host),
            "\x16\x03\x01\x02 %s\r\n\r\n" % token))
        return Ask("malformed", token, text.encode("latin-1"), status=tuple(range(400, 600)), answer=None, closes=True, reaches=False)

    def batch(self):
        """What one connection asks before it waits for answers; only the last one may end the connection."""
        asks: List[Ask] = []
        for _ in range(self.chance.choice((1, 1, 1, 1, 2, 2, 3, 5, 8))):
            asks.append(self.any())
            if asks[-1].continues or asks[-1].closes:
                break
        last = self.chance.random()
        if last < 0.16 and not asks[-1].continues and not asks[-1].closes:
            asks.append((self.malformed, self.old, self.closing, self.broken)[int(last * 25)]())
        return asks
