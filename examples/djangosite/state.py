"""What this installation keeps from one start to the next: a folder with the secret key and the database."""

import fcntl
import os
import secrets
import stat
import tempfile
from contextlib import contextmanager
from functools import lru_cache


@lru_cache(maxsize=None)
def folder():
    """$XDG_CACHE_HOME/seriema/djangosite; a folder for temporary files where that cannot be written."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(cache):  # the specification has relative ones ignored
        cache = os.path.join(os.path.expanduser("~"), ".cache")
    try:
        return _private(os.path.join(cache, "seriema", "djangosite"))
    except OSError:
        # The name must be the same for every worker, so anybody can guess it and be there first: _private() looks.
        return _private(os.path.join(tempfile.gettempdir(), "seriema-djangosite-%d" % os.getuid()))


def _private(path):
    if not os.path.isabs(path):
        raise FileNotFoundError("this user has no home")
    os.makedirs(path, mode=0o700, exist_ok=True)
    about = os.lstat(path)
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
        raise PermissionError("%s belongs to somebody else" % path)
    os.chmod(path, 0o700)
    if not os.access(path, os.W_OK):
        raise PermissionError("%s cannot be written" % path)
    return path


@contextmanager
def alone():
    """Of several workers that start at once, one at a time goes on. The kernel ends the lock of one that is killed."""
    with open(os.path.join(folder(), "lock"), "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def secret_key():
    """Made at the first start: a key that stands in a repository signs sessions for everybody who can read it."""
    path = os.path.join(folder(), "secret-key")
    with alone():
        if not os.path.exists(path):
            # A whole key under another name first: a start that was cut off leaves no empty one behind.
            with open(path + ".new", "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(secrets.token_urlsafe(50))
            os.rename(path + ".new", path)
        with open(path) as file:
            return file.read()
