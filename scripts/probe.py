"""Says whether the interpreter that runs this can host Seriema.

With --frameworks also whether it has what the examples import, with --tests what the tests run beside Seriema.
Prints, one to a line: its executable, its version, its shared library and, with an option, where each of those
modules was found. When something is missing: one line on stderr that says what, and exit status 1.
"""

import importlib
import os
import sys

OLDEST = (3, 9)


def shared_library():
    """The path of libpython as sysconfig knows it, or None."""
    import sysconfig

    get = sysconfig.get_config_var
    folder = get("LIBDIR") or ""
    # Debian's library lies below its multiarch folder; a relocated Python's beside its own prefix.
    folders = [os.path.join(folder, get("MULTIARCH") or ""), folder, os.path.join(sys.base_prefix, "lib")]
    for name in (get("INSTSONAME"), get("LDLIBRARY")):
        for where in folders:
            path = os.path.join(where, name or "")
            if name and ".so" in name and os.path.isfile(path):
                return path
    return None


def main():
    version = "%d.%d" % sys.version_info[:2]
    if sys.version_info < OLDEST:
        return "%s is Python %s; 3.9 is the oldest that works" % (sys.executable, version)
    if sys.implementation.name != "cpython":
        return "%s is %s; only CPython works" % (sys.executable, sys.implementation.name)
    library = shared_library()
    if library is None:
        return ("%s has no shared libpython: install libpython%s (Debian, Ubuntu) or python3-libs (Fedora), "
                "or build Python with --enable-shared" % (sys.executable, version))

    lines = [sys.executable, "%d.%d.%d" % sys.version_info[:3], library]
    wanted = []
    if "--frameworks" in sys.argv[1:]:
        wanted += ["django", "flask", "pyramid.config"]
    if "--tests" in sys.argv[1:]:
        wanted += ["gunicorn"]
    for name in wanted:
        try:
            lines.append(importlib.import_module(name).__file__)
        except ImportError as error:
            return "%s cannot import %s" % (sys.executable, error.name or error)
    print("\n".join(lines))
    return 0


sys.exit(main())
