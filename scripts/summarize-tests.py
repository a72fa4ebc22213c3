"""Reads what dotnet test left in a folder, prints each failure, and last the line "N passed, N failed".

The folder holds "projects" (one name to a line) and for each NAME.trx, NAME.log and NAME.status (the exit status).
A project that crashed, hung or ran no test counts as one failure: silence must not look like success.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree

TRX = "{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}"
MAX_LINES = 40  # of one failure's stack and output: enough to find it; the rest is in the log
MAX_WIDTH = 300  # a generic type's name in a stack is longer than that


def shorten(text):
    """The beginning says what went wrong, the end how the run stopped."""
    lines = [line[:MAX_WIDTH] for line in text.rstrip().splitlines()]
    if len(lines) <= MAX_LINES:
        return lines
    half = MAX_LINES // 2
    return lines[:half] + ["(%d lines more)" % (len(lines) - 2 * half)] + lines[-half:]


def read_trx(path):
    """Yields (name, outcome, message) of each test in the file; a file that was cut off yields nothing."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        return
    for result in root.iter(TRX + "UnitTestResult"):
        parts = [result.findtext(".//%s%s" % (TRX, tag)) for tag in ("Message", "StackTrace", "StdOut")]
        yield result.get("testName"), result.get("outcome"), "\n".join(part for part in parts if part)


def report(name, text):
    print("\nFAILED %s" % name)
    for line in shorten(text):
        print("    " + line)


def main():
    folder = pathlib.Path(sys.argv[1])
    listing = folder / "projects"
    projects = listing.read_text().split() if listing.exists() else []
    passed = failed = skipped = 0
    for project in projects:
        outcomes = list(read_trx(folder / (project + ".trx")))
        status = (folder / (project + ".status")).read_text().strip()
        log = folder / (project + ".log")
        broken = [(name, text) for name, outcome, text in outcomes if outcome not in ("Passed", "NotExecuted")]
        for name, text in broken:
            report(name, text)
        passed += sum(outcome == "Passed" for _, outcome, _ in outcomes)
        skipped += sum(outcome == "NotExecuted" for _, outcome, _ in outcomes)
        failed += len(broken)
        text = log.read_text(errors="replace")
        # A crash leaves the results of the tests before it, and its own test in none of them.
        crashed = "Test Run Aborted" in text or (status != "0" and not broken)
        if crashed or not outcomes:
            failed += 1
            what = "ended with status %s before it had run all tests" % status if crashed else "ran no test"
            report("%s: %s (%s)" % (project, what, log), text)
    if not projects:
        print("\nno test project has that name")
    if skipped:
        print("\n%d skipped" % skipped)
    print("\n%d passed, %d failed" % (passed, failed))
    return 0 if passed and not failed else 1


sys.exit(main())
