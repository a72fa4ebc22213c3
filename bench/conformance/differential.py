"""What proxy-differential sends, and how it reads what proxies make of that: nothing here touches a socket."""

import collections
import hashlib
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CORPUS = os.path.join(ROOT, "tests", "corpus", "requests")

# What requests are smuggled with: framing, line ends, and characters that readers skip, fold or take for others.
PIECES = [
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding : chunked\r\n", b"Transfer-Encoding:\x0bchunked\r\n",
    b"Transfer-Encoding: xchunked\r\n", b"Transfer-Encoding: identity\r\n", b"Transfer-Encoding: gzip, chunked\r\n",
    b"Transfer-Encoding: chunked, identity\r\n", b"Transfer-Encoding:\r\n chunked\r\n", b"transfer_encoding: chunked\r\n",
    b"Content-Length: 0\r\n", b"Content-Length: 5\r\n", b"Content-Length: +5\r\n", b"Content-Length: 5, 5\r\n",
    b"Content-Length: 0x5\r\n", b"Content-Length: 5 \r\n", b"Content-Length: 05\r\n", b"content_length: 30\r\n",
    b"Connection: close\r\n", b"Connection: keep-alive, Content-Length\r\n", b"Connection: Transfer-Encoding\r\n",
    b"Expect: 100-continue\r\n", b"Host: other\r\n", b"Upgrade: websocket\r\nConnection: upgrade\r\n", b"X-Probe: forged\r\n",
    b"X-HTTP-Method-Override: POST\r\n", b"TE: trailers\r\n", b"Trailer: Content-Length\r\n",
    b"\r\n", b"\n", b"\r", b"\r\r\n", b"\0", b"\x0b", b"\x0c", b"\x85", b"\xa0", b" ", b"\t", b":", b";", b",", b"\x7f",
    b"0\r\n\r\n", b"5\r\nhello\r\n", b"5;a=b\r\nhello\r\n", b"5\nhello\n0\n\n", b"00000000000000005\r\n", b"fffffffffffffffb\r\n",
    b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", b"POST /smuggled HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    b"HTTP/1.0", b"HTTP/1.1", b"HTTP/2.0", b"%0d%0a", b"/../", b"//", b"#", b"?", b"\\",
]


def visible(data):
    return "".join(
        {13: "\\r", 10: "\\n", 9: "\\t", 0: "\\0", 92: "\\\\"}.get(byte) or (chr(byte) if 32 <= byte < 127 else "\\x%02x" % byte)
        for byte in data)


def parse_visible(text):
    """The bytes of a corpus file: line ends are layout, escapes are bytes, \\[N:text] is N times the text."""
    out = bytearray()
    place = 0
    simple = {"r": 13, "n": 10, "t": 9, "0": 0, "\\": 92}
    while place < len(text):
        char = text[place]
        place += 1
        if char == "\n":
            continue
        if char != "\\":
            out.append(ord(char))
            continue
        kind = text[place]
        place += 1
        if kind in simple:
            out.append(simple[kind])
        elif kind == "x":
            out.append(int(text[place:place + 2], 16))
            place += 2
        elif kind == "[":
            colon, end = text.index(":", place), text.index("]", place)
            out += parse_visible(text[colon + 1:end]) * int(text[place:colon])
            place = end + 1
        else:
            raise ValueError("unknown escape \\%s" % kind)
    return bytes(out)


def load_corpus():
    """The bytes of each case by its name."""
    cases = {}
    for name in sorted(os.listdir(CORPUS)):
        with open(os.path.join(CORPUS, name), encoding="utf-8") as file:
            cases[name] = parse_visible(file.read().partition("\n---\n")[2])
    return cases


def mutate(rng, seeds):
    """A request made from one or two cases by a few changes."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
        place = rng.randrange(len(data) + 1)
        lines = [match.end() for match in re.finditer(b"\r\n", data)]
        kind = rng.randrange(8)
        if kind <= 2 and lines:  # between two lines
            place = rng.choice(lines)
            data[place:place] = rng.choice(PIECES)
        elif kind == 3:
            data[place:place] = rng.choice(PIECES)
        elif kind == 4 and place < len(data):
            data[place] = rng.choice((data[place] ^ (1 << rng.randrange(8)), rng.randrange(256)))
        elif kind == 5:
            del data[place:place + rng.choice((1, 1, 2, 5))]
        elif kind == 6 and len(lines) > 1:  # a line once more
            which = rng.randrange(1, len(lines))
            line = data[lines[which - 1]:lines[which]]
            place = rng.choice(lines)
            data[place:place] = line
        else:
            data += rng.choice(seeds)
    return bytes(data)


ANSWER = re.compile(rb"HTTP/1\.[01] \d{3}(?: [^\r\n]*)?\r\n.*?\r\n\r\n", re.S)
Request = collections.namedtuple("Request", "numbers method target length hash")


def read_requests(data):
    """What a strict reader finds in what a proxy has sent: the whole requests, and what is left (b"" or a reason)."""
    found = []
    while data:
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            return found, "an unfinished head"
        lines = head.split(b"\r\n")
        line = lines[0].split(b" ")
        if len(line) != 3 or not line[2].startswith(b"HTTP/1."):
            return found, "no request line"
        fields = collections.defaultdict(list)
        for text in lines[1:]:
            name, _, value = text.partition(b":")
            fields[name.lower()].append(value.strip(b" \t"))
        lengths, codings = fields[b"content-length"], fields[b"transfer-encoding"]
        if len(lengths) + len(codings) > 1:
            return found, "two lengths"
        if codings:
            if codings[0].lower() != b"chunked":
                return found, "an unknown coding"
            body, rest = read_chunks(rest)
            if body is None:
                return found, "unfinished or broken chunks"
        else:
            if lengths and not re.fullmatch(rb"[0-9]+", lengths[0]):
                return found, "a length that is no number"
            length = int(lengths[0]) if lengths else 0
            if len(rest) < length:
                return found, "an unfinished body"
            body, rest = rest[:length], rest[length:]
        numbers = tuple(number.decode("latin-1") for number in fields[b"x-probe"])
        found.append(Request(
            numbers, line[0].decode("latin-1"), line[1].decode("latin-1"), len(body), hashlib.sha256(body).hexdigest()))
        data = rest
    return found, ""


def read_chunks(data):
    body = bytearray()
    while True:
        match = re.match(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;[^\r\n]*)?\r\n", data)
        if not match:
            return None, data
        size, data = int(match.group(1), 16), data[match.end():]
        if size == 0:
            break
        if len(data) < size + 2 or data[size:size + 2] != b"\r\n":
            return None, data
        body += data[:size]
        data = data[size + 2:]
    while not data.startswith(b"\r\n"):  # trailers
        line, end, data = data.partition(b"\r\n")
        if not end or b":" not in line:
            return None, data
    return bytes(body), data[2:]
