"""What a request's deadline needs of Python: the exception, the stack of a thread, and a sleep that can be interrupted."""
import operator
import sys
import threading
import time
import traceback


class RequestTimeout(BaseException):
    """Raised by the server in a request that took longer than --timeout; the client has been answered with 504.

    It may come out of any line. Like SystemExit it is no Exception, so that "except Exception" does not swallow it;
    "finally" and "with" clean up as usual. What the application still returns is dropped.
    """


RequestTimeout.__module__ = "seriema"

crew = set()  # the idents of the threads that may be interrupted


def join(ident):
    crew.add(ident)


def leave(ident):
    crew.discard(ident)


def stack(ident):
    frame = sys._current_frames().get(ident)
    # The sleep below is ours; the application's line that called it is what one looks for.
    while frame is not None and frame.f_code is Sleep.__call__.__code__:
        frame = frame.f_back
    return "" if frame is None else "".join(traceback.format_stack(frame)).rstrip()


class Sleep:
    """time.sleep for the threads of the server: in slices, because an exception reaches a thread only between them.

    Other threads get the real one at once. It is an object and no function, for the real one is no method either when
    a class holds it.
    """

    SLICE = 0.25  # seconds
    LONGEST = 9.2e9  # the real one refuses more

    def __init__(self, real):
        self.real = real
        for name in ("__doc__", "__name__", "__qualname__", "__module__", "__text_signature__", "__self__"):
            setattr(self, name, getattr(real, name, None))

    def __call__(self, *args, **kwargs):
        if len(args) != 1 or kwargs or threading.get_ident() not in crew:
            return self.real(*args, **kwargs)
        given, = args
        if isinstance(given, float):
            seconds = float.__pos__(given)
        elif hasattr(type(given), "__index__"):
            seconds = given = operator.index(given)
        else:
            return self.real(given)  # which says what is wrong with it
        if not self.SLICE < seconds < self.LONGEST:  # nor is it a NaN
            return self.real(given)
        if sys.version_info >= (3, 13):
            sys.audit("time.sleep", args[0])
        # A lock that nobody releases: the real sleep would tell the audit of every slice.
        end = time.monotonic() + seconds
        lock = threading.Lock()
        lock.acquire()
        while True:
            left = end - time.monotonic()
            if left <= 0:
                return None
            lock.acquire(True, min(left, self.SLICE))

    def __repr__(self):
        return repr(self.real)

    def __reduce__(self):
        return self.__name__  # pickled by name, as the real one


time.sleep = Sleep(time.sleep)
