"""Finds the application that MODULE:CALLABLE names."""
import os
import sys
import traceback


class Refused(Exception):
    """args: kind (a name in AppLoadError), message, traceback text."""


def prepare(folder, python_path):
    """Goes to the folder and makes it, and the given folders before it, the place to import from."""
    if folder is not None:
        try:
            os.chdir(folder)
        except OSError as error:
            raise Refused("FolderUnusable", "cannot change to %s: %s" % (folder, error.strerror), "") from None
    entries = [os.path.abspath(entry) for entry in python_path]
    entries.append(os.getcwd())
    for entry in entries:
        while entry in sys.path:
            sys.path.remove(entry)
    sys.path[:0] = entries


def load(target):
    module_name, colon, expression = target.partition(":")
    module_name = module_name.strip()
    expression = expression.strip()
    if not module_name or (colon and not expression):
        raise Refused("BadTarget", "%r is not MODULE:CALLABLE" % target, "")
    path, call = parse(target, expression) if colon else (None, None)
    module = import_module(module_name)
    if path is None:
        application, name = default_of(module, module_name)
    else:
        application, name = find(module, module_name, path), ".".join(path)
    if call is not None:
        application = make(application, name, call, module_name)
        name = expression
    if not callable(application):
        raise Refused(
            "NotCallable",
            "%s in module %r is not callable, it is a %s" % (name, module_name, type(application).__name__), "")
    return application


def parse(target, expression):
    """The attribute path, and (args, kwargs) when it is a call. Arguments are literals and nothing is evaluated."""
    if all(part.isidentifier() for part in expression.split(".")):
        return expression.split("."), None
    import ast  # not needed for a plain name, and it costs milliseconds
    try:
        node = ast.parse(expression, mode="eval").body
        call = None
        if isinstance(node, ast.Call):
            # A '*' or '**' argument is no literal either: its keyword has no name, its node is Starred.
            call = ([ast.literal_eval(arg) for arg in node.args],
                    {keyword.arg: ast.literal_eval(keyword.value) for keyword in node.keywords})
            if None in call[1]:
                raise ValueError
            node = node.func
        path = []
        while isinstance(node, ast.Attribute):
            path.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            raise ValueError
        return [node.id] + path, call
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        message = "%r is not a name, a dotted name or a call with literal arguments" % expression
        raise Refused("BadTarget", message, "") from None


def import_module(name):
    hint = file_hint(name)
    if hint:
        raise Refused("ImportFailed", "No module named %r%s" % (name, hint), "")
    try:
        __import__(name)
        return sys.modules[name]
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: an import must not end the server
        raise Refused("ImportFailed", cause_of(error, name), text_of(error)) from None


def file_hint(name):
    """A file's path in place of a module's name is the usual slip; it is caught before anything is imported."""
    if name.endswith(".py") or os.sep in name:
        module = name[:-3] if name.endswith(".py") else name
        return " (it is a module's name, not a file's: try %r)" % module.strip("./").replace(os.sep, ".")
    return ""


def cause_of(error, name):
    if isinstance(error, SystemExit):
        return "module %r called sys.exit(%s) when it was imported" % (
            name, "" if error.code is None else repr(error.code))
    if isinstance(error, ModuleNotFoundError) and error.name and (name + ".").startswith(error.name + "."):
        return "No module named %r in %s" % (error.name, os.getcwd())
    last = traceback.format_exception_only(type(error), error)[-1].strip()
    return "cannot import module %r: %s" % (name, last)


def text_of(error):
    """The traceback as Python would print it, without the frames of this file."""
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename == text_of.__code__.co_filename:
        frame = frame.tb_next
    return "".join(traceback.format_exception(type(error), error, frame))


def default_of(module, module_name):
    for name in ("application", "app"):
        if hasattr(module, name):
            return getattr(module, name), name
    raise Refused("NotFound", "module %r has neither 'application' nor 'app'" % module_name, "")


def find(module, module_name, path):
    found = module
    for depth, name in enumerate(path):
        try:
            found = getattr(found, name)
        except AttributeError:
            owner = ".".join([module_name] + path[:depth])
            import difflib
            near = difflib.get_close_matches(name, [n for n in dir(found) if not n.startswith("_")], 1)
            hint = ", did you mean %r?" % near[0] if near else ""
            raise Refused("NotFound", "%r has no attribute %r%s" % (owner, name, hint), "") from None
    return found


def make(factory, name, call, module_name):
    if not callable(factory):
        raise Refused("NotCallable", "the factory %s in module %r is not callable, it is a %s" % (
            name, module_name, type(factory).__name__), "")
    try:
        return factory(*call[0], **call[1])
    except BaseException as error:
        last = traceback.format_exception_only(type(error), error)[-1].strip()
        raise Refused("ImportFailed", "the factory %s failed: %s" % (name, last), text_of(error)) from None
