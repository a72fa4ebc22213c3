"""Random clients: each asks, checks, is slow, breaks off, half-closes, and begins anew, as its own seed says."""

import collections
import contextlib
import random
import re
import select
import socket
import struct
import threading
import time
from collections import namedtuple

import asks
from wire import Reader, Wrong, check

PATIENCE = 40  # seconds without any progress until an answer counts as lost; the server's own limits are shorter
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close sends RST
WAIT_CONTINUE = 5.0  # seconds until a body is sent without 100 Continue

# A request without its answer: who is to blame is decided at the end, when the kills are known.
Lost = namedtuple("Lost", "kind token port connected end why told", defaults=(False,))


class Ended(Exception):
    """The connection is over: provoked by us, or by the server."""


class Conversation:
    """One connection with its batches of requests."""

    def __init__(self, visitor, port):
        self.visitor, self.chance = visitor, visitor.chance
        self.reader, self.connected, self.answered = Reader(), time.monotonic(), 0
        self.slow_read = self.chance.random() < 0.06
        self.socket = socket.socket()
        if self.slow_read:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        self.poll = select.poll()

    def batch(self, batch):
        """Sends requests and takes their answers; raises Ended when the connection does not go on."""
        self.waiting, self.read_pause, self.goes_on, self.sent_all = collections.deque(batch), 0.0, True, False
        self.asked = batch
        self.plan(batch)
        self.progress = time.monotonic()
        while self.waiting or self.pieces:
            now = time.monotonic()
            if now > self.progress + PATIENCE:
                self.lost("no answer within %d s" % PATIENCE)
            self.step(now)
        if self.half_closed:
            self.expect_end()
        if not self.goes_on:
            raise Ended

    def plan(self, batch):
        """In which pieces the bytes go out, and where they stop."""
        self.pieces, self.half_closed, chance = collections.deque(), False, self.chance
        data = b"".join(ask.bytes for ask in batch)
        self.length = len(data)
        self.abort_after_sent = self.abort_after_received = None
        kind = chance.random()
        if kind < 0.05:
            self.abort_after_sent = chance.randrange(len(data) + 1)
        elif kind < 0.10:
            self.abort_after_received = int(sum(len(ask.answer or b"") for ask in batch) * chance.random())
        self.abort_reset = chance.random() < 0.5
        # An abort by FIN behind a whole request is a half-close as far as the server can tell, until it answers.
        self.half_close = self.abort_after_sent is None and chance.random() < 0.06 and not batch[-1].continues
        cuts = sorted(chance.randrange(len(data)) for _ in range(chance.choice((0, 0, 0, 1, 3, 12))))
        if batch[-1].continues:  # the head alone, and the rest when it is wanted
            cuts = [len(data) - len(batch[-1].body)]
        slow = chance.random() < 0.08
        total = chance.uniform(0.05, 1.5) if slow else 0.0
        for begin, end in zip([0, *cuts], [*cuts, len(data)]):
            if end > begin:
                self.pieces.append([memoryview(data)[begin:end], total / (len(cuts) + 1)])
        self.next_send, self.sent, self.received, self.continued = 0.0, 0, 0, False
        self.holds, self.hold_until = batch[-1].continues and bool(batch[-1].body), None

    def step(self, now):
        held = self.holds and len(self.pieces) == 1  # all but the body was sent
        if held and len(self.waiting) == 1:  # it is this request's turn
            self.hold_until = self.hold_until or now + WAIT_CONTINUE
            if now >= self.hold_until:
                self.visitor.counts["100 Continue not seen in time"] += 1
                self.holds = held = False
        may_send, may_read = bool(self.pieces) and now >= self.next_send and not held, now >= self.read_pause
        times = [self.progress + PATIENCE] + [self.hold_until] * bool(held and self.hold_until) + [self.next_send] * bool(self.pieces and not held)
        wake = min([time for time in times if time > now] + ([] if may_read else [self.read_pause]))
        self.poll.register(self.socket, (select.POLLIN if may_read else 0) | (select.POLLOUT if may_send else 0))
        for _, event in self.poll.poll(max(0.0, wake - now) * 1000 + 1):
            if event & select.POLLOUT and may_send:
                self.send(now)
            if may_read and event & (select.POLLIN | select.POLLHUP | select.POLLERR):
                self.receive(now)

    def send(self, now):
        piece = self.pieces[0]
        left = len(piece[0]) if self.abort_after_sent is None else min(len(piece[0]), self.abort_after_sent - self.sent)
        try:
            sent = self.socket.send(piece[0][:left]) if left else 0
        except BlockingIOError:
            return
        except OSError:
            # The server has closed; what it answered before that is still to be read.
            self.pieces.clear()
            return
        self.sent += sent
        self.progress = now
        if self.abort_after_sent is not None and self.sent >= self.abort_after_sent:
            self.abort("while sending" if self.pieces else "after sending")
        piece[0] = piece[0][sent:]
        if not piece[0]:
            self.pieces.popleft()
            self.next_send = now + piece[1]
            if not self.pieces and self.half_close:
                self.half_closed = True
                self.visitor.counts["half-closes"] += 1
                with contextlib.suppress(OSError):  # the server may have closed, and what it answered is still to be read
                    self.socket.shutdown(socket.SHUT_WR)

    def receive(self, now):
        try:
            block = self.socket.recv(self.chance.choice((512, 8192, 65536, 262144)) if not self.slow_read else 16384)
        except BlockingIOError:
            return
        except OSError as error:
            block, why = b"", error.strerror
        else:
            why = "closed"
        if not block:
            self.at_end(why)
            return
        self.progress = now
        self.received += len(block)
        if self.slow_read:
            self.read_pause = now + min(0.05, 2.0 * len(block) / 1_000_000)
        self.reader.feed(block)
        self.take()
        if self.abort_after_received is not None and self.received > self.abort_after_received and self.waiting:
            self.abort("while receiving")

    def take(self):
        """Whole answers, in the order of the requests."""
        while self.waiting:
            answer = self.reader.next(self.waiting[0].method)
            if answer is None:
                return
            if answer.status < 200:
                if answer.status != 100 or not self.waiting[0].continues or self.continued:
                    raise Wrong("%s: an answer %d that was not asked for" % (self.waiting[0].kind, answer.status))
                self.holds, self.continued = False, True
                self.visitor.counts["100 Continue"] += 1
                continue
            self.finish(self.waiting.popleft(), answer)
        if self.reader.has_begun:
            raise Wrong("%d bytes behind the last answer" % len(self.reader.buffer))

    def finish(self, ask, answer):
        if ask.breaks:
            raise Wrong("%s: the answer is whole" % ask.kind)
        if answer.status == 408 and not answer.keeps and 408 not in ask.status:
            # A worker that is replaced waits a second for heads; who sends slower may try the next one.
            self.waiting.appendleft(ask)
            self.again("after 408 to a slow head", told=False)
        check(ask, answer)
        if ask.kind == "static" and "etag" in answer.fields:
            asks.TAGS[re.search(rb"/files/([^?]+)", ask.head)[1].decode()] = answer.fields["etag"]
        self.answered += 1
        self.visitor.right(ask)
        if self.holds and not self.waiting:  # answered instead of 100 Continue: nobody wants the body
            self.pieces.clear()
            self.goes_on = False
        if not answer.keeps or ask.closes:
            self.goes_on = False
        if not answer.keeps:
            # RFC 9112 §9.6: what was sent behind it is not answered.
            self.again("behind Connection: close")

    def at_end(self, why):
        answer = self.reader.end() if why == "closed" else None
        if answer is not None and self.waiting:
            ask = self.waiting.popleft()
            try:
                self.finish(ask, answer)
            except Wrong as error:  # cut short, perhaps with its worker
                self.waiting.appendleft(ask)
                self.lost(str(error))
        if self.waiting and self.waiting[0].breaks and self.reader.answer is not None:
            self.visitor.right(self.waiting.popleft())
            self.again("behind a broken response")
        if not self.waiting:
            raise Ended
        if self.answered and not self.reader.has_begun:
            # RFC 9112 §9.3.1: what was sent to a connection that was closed meanwhile is sent again.
            idle = len(self.waiting) == len(self.asked)
            self.again("on an idle connection that was closed" if idle else "behind an answer that did not say so", told=False)
        self.lost(why)

    def told(self):
        """What a mistake is to be found by."""
        answer = self.reader.answer
        return ("%d answers, then of [%s] %d unanswered, %d of %d bytes sent, %d received, %d of the next answer; %s%s%s" % (
            self.answered, ", ".join(ask.kind for ask in self.asked), len(self.waiting), self.sent, self.length, self.received,
            answer.received if answer else 0, "slow reader" if self.slow_read else "", " half-closed" if self.half_closed else "",
            " %.1f s old" % (time.monotonic() - self.connected)))

    def record(self, ask, why, told=False):
        return Lost(ask.kind, ask.token, self.port, self.connected, time.monotonic(), "%s; %s" % (why, self.told()), told)

    def lost(self, why):
        self.visitor.lost.append(self.record(self.waiting[0], why))
        self.visitor.counts["requests behind a lost one"] += len(self.waiting) - 1
        raise Ended

    def again(self, where, told=True):
        """Requests that HTTP allows to be left unanswered; they must not be executed. Untold, there must be a reload to blame."""
        for ask in self.waiting:
            self.visitor.counts["asked again, " + where] += 1
            self.visitor.unanswered.append(self.record(ask, where, told))
        self.waiting.clear()
        self.pieces.clear()
        raise Ended

    def abort(self, where):
        """Ours: by FIN, or by RST."""
        self.visitor.counts["aborts by %s %s" % ("RST" if self.abort_reset else "FIN", where)] += 1
        self.visitor.counts["requests broken off"] += len(self.waiting)
        raise Ended

    def expect_end(self):
        """Behind a half-close and the last answer there is nothing but the end."""
        self.socket.settimeout(PATIENCE)
        try:
            rest = self.socket.recv(4096)
        except OSError as error:
            self.visitor.lost.append(self.record(self.asked[-1], "after a half-close: %s" % error))
            raise Ended
        if rest:
            raise Wrong("%r behind the last answer" % rest[:100])
        raise Ended

    def close(self):
        if getattr(self, "abort_reset", False) and self.waiting:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.socket.close()


class Visitor(threading.Thread):
    """Connects again and again until told to stop; waits at the gate while others look at the server."""

    def __init__(self, number, seed, port, gate):
        super().__init__(daemon=True)
        self.port, self.gate = port, gate
        self.chance = random.Random("%d/%d" % (seed, number))
        self.asker = asks.Asker(self.chance, "v%d" % number)
        self.counts, self.kinds = collections.Counter(), collections.Counter()
        self.unanswered, self.forbidden, self.lost, self.wrong = [], [], [], []

    def run(self):
        while self.gate.enter():
            try:
                self.visit()
            except Exception as error:  # a mistake of ours must not pass for silence
                self.wrong.append("%s: %s" % (type(error).__name__, error))
            finally:
                self.gate.leave()

    def visit(self):
        try:
            conversation = Conversation(self, self.port)
        except OSError as error:
            now = time.monotonic()
            self.lost.append(Lost("connection", "", 0, now, now, str(error)))
            return
        self.counts["connections"] += 1
        try:
            for _ in range(self.chance.choice((1, 1, 2, 3, 8, 20))):
                batch = self.asker.batch()
                self.counts["requests"] += len(batch)
                self.counts["batches of several"] += len(batch) > 1
                self.forbidden += [ask.token for ask in batch if ask.kind == "malformed"]
                conversation.batch(batch)
                if self.gate.is_closed:
                    break
        except Ended:
            pass
        except Wrong as error:
            self.wrong.append("%s; %s" % (error, conversation.told()))
        finally:
            conversation.close()

    def right(self, ask):
        self.counts["right answers"] += 1
        self.kinds[ask.kind] += 1


class Gate:
    """Lets visitors in, or waits until all have left."""

    def __init__(self):
        self.changed, self.inside, self.is_closed, self.is_over = threading.Condition(), 0, False, False

    def enter(self):
        with self.changed:
            while self.is_closed and not self.is_over:
                self.changed.wait()
            self.inside += not self.is_over
            return not self.is_over

    def leave(self):
        with self.changed:
            self.inside -= 1
            self.changed.notify_all()

    def close(self):
        with self.changed:
            self.is_closed = True
            while self.inside:
                self.changed.wait()

    def open(self):
        with self.changed:
            self.is_closed = False
            self.changed.notify_all()

    def end(self):
        with self.changed:
            self.is_over = True
            self.changed.notify_all()
