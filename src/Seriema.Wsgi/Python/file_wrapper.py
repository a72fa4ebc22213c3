"""wsgi.file_wrapper (PEP 3333, "Optional Platform-Specific File Handling")."""
import io
import os
import stat


class FileWrapper:
    """An iterable over a file; the server sends it with sendfile when it is a plain file."""

    def __init__(self, filelike, blksize=8192):
        self.filelike = filelike
        self.blksize = blksize
        # PEP 3333: close exists only when the file-like object has one.
        if hasattr(filelike, "close"):
            self.close = filelike.close

    def __iter__(self):
        return self

    def __next__(self):
        data = self.filelike.read(self.blksize)
        if data:
            return data
        raise StopIteration


def describe(wrapper):
    """(fileno, offset, count) when the rest of the file is exactly what iteration would give, else None.

    The types are compared exactly: a subclass (gzip, a file in a zip, an encrypting wrapper) may have a descriptor
    whose bytes are not what its read() returns.
    """
    file = wrapper.filelike
    if (type(file).__module__, type(file).__qualname__) == ("tempfile", "_TemporaryFileWrapper"):
        file = file.file
    if type(file) is io.BufferedRandom:
        file.flush()
    if type(file) in (io.BufferedReader, io.BufferedRandom):
        if type(file.raw) is not io.FileIO:
            return None
    elif type(file) is not io.FileIO:
        return None
    if file.closed or not file.readable():
        return None
    fileno = file.fileno()
    status = os.fstat(fileno)
    if not stat.S_ISREG(status.st_mode):
        return None
    offset = file.tell()  # counts what a buffered reader has already handed out, not what it has read ahead
    # A size of 0 may be a /proc file whose length is only known by reading it.
    if status.st_size == 0:
        return None
    return fileno, offset, max(0, status.st_size - offset)


duplicate = os.dup
