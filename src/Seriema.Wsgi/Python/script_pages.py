"""Pages that are Python files: the WSGI application of one folder of them."""
import errno
import inspect
import os
import re
import stat
import sys
import threading
import time
import types


class PageError(Exception):
    """A page that is there but cannot be served as it is."""


class Unreadable(Exception):
    """A page that is there and that this process may not read."""


class Page:
    """One version of a file, loaded. Never changed after it is published, but for settled and source."""

    def __init__(self, module, key, source, settled):
        self.module = module
        self.key = key
        self.source = source
        self.settled = settled
        self.application = module.__dict__.get("application")
        if self.application is None:
            raise PageError("%s has no application" % module.__file__)
        if not callable(self.application):
            raise PageError("application of %s is not callable, it is a %s" % (
                module.__file__, type(self.application).__name__))
        self.takes_request = takes_request(self.application, module.__file__)


def takes_request(application, file):
    """Whether it is called with (environ, start_response), or with nothing."""
    try:
        signature = inspect.signature(application)
    except (TypeError, ValueError):
        return True  # built-in, and says nothing: WSGI is the rule
    kinds = [parameter.kind for parameter in signature.parameters.values()]
    # *args is what a decorator leaves of a WSGI application, so it counts as taking both.
    for arguments in ((None, None), ()) if inspect.Parameter.VAR_POSITIONAL in kinds else ((), (None, None)):
        try:
            signature.bind(*arguments)
            return bool(arguments)
        except TypeError:
            pass
    raise PageError("application%s of %s takes neither nothing nor (environ, start_response)" % (signature, file))


class Turn:
    """Held while a file is loaded, so that two requests make one module of it. Only while someone waits."""

    def __init__(self):
        self.lock = threading.RLock()  # a page that asks for itself at import gets a RecursionError and no deadlock
        self.users = 0


class Pages:
    """The pages of a folder. SCRIPT_NAME is the page's whole path, PATH_INFO is empty."""

    LIMIT = 1024  # pages kept; one more pushes out the one loaded first, which is loaded again when it is asked for
    # A file written twice between two ticks of the clock that stamps it keeps its key. For this long after its time
    # the bytes are compared too; a second is more than any such clock's tick.
    SETTLES_AFTER_NS = 1000000000

    def __init__(self, folder, prefix, suffix):
        self.folder = folder
        self.prefix = prefix
        # The server has matched this already; here it stands before anything that touches a file all the same.
        self.names = re.compile(r"((?:/[A-Za-z][A-Za-z0-9_]*)+)%s\Z" % re.escape(suffix))
        self.pages = {}  # file -> Page; changed with the guard held, read without
        self.turns = {}  # file -> Turn
        self.guard = threading.Lock()
        self.told = set()  # files of which the log has said that they cannot be read

    def __call__(self, environ, start_response):
        path = environ.get("SCRIPT_NAME", "")
        name = self.names.match(path, len(self.prefix)) if path.startswith(self.prefix) else None
        try:
            page = self.find(self.folder + name.group(1) + ".py") if name else None
        except Unreadable as error:
            page = None
            self.tell(str(error), environ["wsgi.errors"])
        if page is None:
            start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"Not Found"]
        start = Start(start_response)
        result = page.application(environ, start) if page.takes_request else page.application()
        return body_of(result, start, environ.get("wsgi.file_wrapper"))

    def tell(self, text, errors):
        """Once for each file and reason: as with files that cannot be read, the client gets 404 all the same."""
        with self.guard:
            if text in self.told or len(self.told) >= self.LIMIT:
                return
            self.told.add(text)
        errors.write("page cannot be read: %s\n" % text)

    def find(self, file):
        """The page as it is on disk now, or None."""
        page = self.pages.get(file)
        if page is not None and page.settled:
            try:
                if key_of(os.stat(file)) == page.key:
                    return page
            except OSError:
                pass  # load() looks again, and forgets it
        with self.guard:
            turn = self.turns.setdefault(file, Turn())
            turn.users += 1
        try:
            with turn.lock:
                return self.load(file)
        finally:
            with self.guard:
                turn.users -= 1
                if turn.users == 0:
                    del self.turns[file]

    def load(self, file):
        """With the file's turn. What cannot be loaded is tried again at the next request: its cause may lie elsewhere."""
        try:
            found = read(file, self.folder)
        except Unreadable:
            self.forget(file)
            raise
        if found is None:
            self.forget(file)
            return None
        source, status = found
        key = key_of(status)
        settled = abs(time.time_ns() - status.st_ctime_ns) > self.SETTLES_AFTER_NS
        before = self.pages.get(file)
        if before is not None and before.key == key and (before.settled or before.source == source):
            if settled:
                before.settled, before.source = True, None
            return before
        page = self.execute(file, source, key, settled)
        self.keep(file, page)
        return page

    def execute(self, file, source, key, settled):
        name = name_of(file)
        module = types.ModuleType(name)
        module.__file__ = file
        module.__package__ = ""  # "from . import x" says that there is no package
        sys.modules[name] = module
        try:
            # compile() writes no bytecode and reads none.
            exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)
            return Page(module, key, None if settled else source, settled)
        except BaseException:
            self.forget(file)
            raise

    def keep(self, file, page):
        with self.guard:
            self.pages.pop(file, None)
            self.pages[file] = page
            others = [other for other in self.pages if other != file]
        # Loading is rare, so this is where removed pages are noticed that nobody asks for any more.
        excess = len(others) + 1 - self.LIMIT
        for number, other in enumerate(others):
            if number < excess or not os.path.isfile(other):
                self.forget(other)

    def forget(self, file):
        with self.guard:
            self.pages.pop(file, None)
            sys.modules.pop(name_of(file), None)


def name_of(file):
    """What a page's module is called.

    No import statement can spell it, so that a page is never taken for a module, nor a module for a page. It is in
    sys.modules because dataclasses, pickle and typing look there for where a class comes from.
    """
    # pickle would import what stands before a dot.
    return "page:" + file[:-len(".py")].replace("%", "%25").replace(".", "%2E")


def key_of(status):
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size, status.st_ctime_ns


def read(file, folder):
    """(bytes, status) of a plain file inside the folder; None when it is none."""
    try:
        real = os.path.realpath(file)
        # A link may lead to another file of the folder, not out of it.
        if not real.startswith(os.path.join(os.path.realpath(folder), "")):
            return None
        # Before it is opened, for opening alone does something to a device; FIFO and socket never end.
        if not stat.S_ISREG(os.stat(real).st_mode):
            return None
        descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return None
        if error.errno in (errno.EACCES, errno.EPERM):
            raise Unreadable("%s: %s" % (file, error.strerror)) from None
        raise
    with open(descriptor, "rb") as stream:
        while True:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return None  # exchanged since
            stream.seek(0)
            source = stream.read()
            # Written to while it was read: the bytes may be of two versions.
            if key_of(os.fstat(descriptor)) == key_of(status):
                return source, status


class Start:
    """start_response, and whether the page has called it."""

    def __init__(self, start_response):
        self.start_response = start_response
        self.called = False

    def __call__(self, *args, **kwargs):
        write = self.start_response(*args, **kwargs)
        self.called = True
        return write

    def default(self):
        if not self.called:
            self("200 OK", [("Content-Type", "text/html; charset=utf-8")])


def body_of(result, start, file_wrapper):
    if isinstance(result, (str, bytes)):
        result = [result]
    if type(result) in (list, tuple):
        blocks = [bytes_of(block) for block in result]  # the server knows their length
        start.default()
        return blocks
    if file_wrapper is not None and type(result) is file_wrapper:
        start.default()
        return result
    return Body(result, start)


def bytes_of(block):
    if isinstance(block, str):
        return str.encode(block, "utf-8")  # a subclass (markup) may have an encode of its own
    if isinstance(block, bytes):
        return block
    raise PageError("the page's body has %s in it, not str or bytes" % type(block).__name__)


class Body:
    """The blocks of an iterable one by one, as the page makes them."""

    def __init__(self, result, start):
        self.result = result
        self.start = start
        self.blocks = None

    def __iter__(self):
        try:
            self.blocks = iter(self.result)
        except TypeError:
            if hasattr(type(self.result), "__iter__"):
                raise
            raise PageError("application returned %s, not str, bytes or an iterable of them"
                            % type(self.result).__name__) from None
        return self

    def __next__(self):
        try:
            block = bytes_of(next(self.blocks))
        except StopIteration:
            self.start.default()
            raise
        if block:
            self.start.default()  # a generator calls start_response, if it does, before its first block
        return block

    def close(self):
        close = getattr(self.result, "close", None)
        if close is not None:
            close()
