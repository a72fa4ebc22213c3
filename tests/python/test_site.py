"""The demo's pages: what a browser would fetch is there, and what it would read is well made."""

import importlib.util
import pathlib
import unittest
from html.parser import HTMLParser

from asking import ask

SITE = pathlib.Path(importlib.util.find_spec("frame").origin).parents[1] / "site"
# Where the demo mounts its applications; whether they answer is for the tests of the server.
MOUNTS = ("/flask/", "/pyramid/", "/django/", "/frame/")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """A page's addresses, and its mistakes."""

    def __init__(self, text):
        super().__init__()
        self.links, self.resources, self.ids, self.targets, self.mistakes = [], [], [], [], []
        self._open, self._headings = [], []
        self.feed(text)
        self.close()
        self.mistakes += ["<%s> is not closed" % tag for tag in self._open]
        self.mistakes += ["%s is there twice" % name for name in self.ids if self.ids.count(name) > 1]
        self.mistakes += ["no element #%s" % name for name in self.targets if name not in self.ids]
        if self._headings.count("h1") != 1 or self._headings[:1] != ["h1"]:
            self.mistakes.append("headings %s" % self._headings)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if len(values) < len(attributes):
            self.mistakes.append("<%s> has an attribute twice" % tag)
        if tag not in VOID:
            self._open.append(tag)
        if tag in ("h1", "h2", "h3"):
            self._headings.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        self.targets += [values[name] for name in ("for", "aria-labelledby") if name in values]
        if tag == "html" and not values.get("lang"):
            self.mistakes.append("the page does not say its language")
        if tag == "img" and ("alt" not in values or "width" not in values or "height" not in values):
            self.mistakes.append("the image %s has no alt, width and height" % values.get("src"))
        if tag in ("script", "style", "iframe") or "style" in values or any(name.startswith("on") for name in values):
            self.mistakes.append("<%s> is styled or scripted inside the page" % tag)
        if tag == "link" or "src" in values:
            self.resources.append(values.get("src", values.get("href")))
        elif "href" in values or "action" in values:
            address = values.get("href", values.get("action"))
            (self.targets if address.startswith("#") else self.links).append(address.lstrip("#"))

    def handle_endtag(self, tag):
        if not self._open or self._open.pop() != tag:
            self.mistakes.append("</%s> closes nothing, before line %d" % (tag, self.getpos()[0]))


def load(name):
    spec = importlib.util.spec_from_file_location("page", SITE / "dynamic" / name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pages():
    """Every page of HTML with its name."""
    yield "mytime.py", load("mytime.py").application()
    for path in sorted((SITE / "html").glob("*.html")):
        yield path.name, path.read_text(encoding="utf-8")


class Html(unittest.TestCase):
    def test_the_demo_has_its_pages(self):
        self.assertLessEqual({"mytime.py", "index.html", "how.html", "404.html"}, {name for name, _ in pages()})

    def test_pages_are_well_made(self):
        for name, text in pages():
            with self.subTest(name):
                self.assertTrue(text.startswith("<!DOCTYPE html>\n"))
                self.assertIn('<meta charset="utf-8">', text)
                self.assertIn('<meta name="viewport"', text)
                self.assertRegex(text, "<title>[^<]+</title>")
                self.assertEqual([], Page(text).mistakes)

    def test_the_checker_finds_mistakes(self):
        for text in ["<p>", "</p>", "<h1></h1><img src=a>", "<h2></h2>", "<h1></h1><h1></h1>",
                     '<h1 id="a"></h1><b id="a"></b>', '<h1></h1><label for="a"></label>', '<h1 onclick="x"></h1>', "<html><h1></h1></html>"]:
            with self.subTest(text):
                self.assertNotEqual([], Page(text).mistakes)

    def test_what_a_page_loads_is_a_file_of_the_demo(self):
        for name, text in pages():
            for address in Page(text).resources:
                with self.subTest("%s loads %s" % (name, address)):
                    self.assertTrue(address.startswith("/") and not address.startswith("//"))
                    self.assertTrue((SITE / "html" / address[1:]).is_file())

    def test_links_lead_somewhere(self):
        for name, text in pages():
            for address in Page(text).links:
                path = address.partition("?")[0].partition("#")[0]
                with self.subTest("%s links to %s" % (name, address)):
                    found = (path.startswith("https://") or path.startswith(MOUNTS) or path == "/" or
                             (SITE / "html" / path[1:]).is_file() or (SITE / "dynamic" / path[1:]).is_file())
                    self.assertTrue(found)

    def test_the_index_leads_to_every_application(self):
        links = Page((SITE / "html" / "index.html").read_text(encoding="utf-8")).links
        for path in ["/mytime.py", "/flask/hello", "/pyramid/hello", "/django/hello", "/frame/hello", "/django/admin/",
                     "/frame/login"]:
            with self.subTest(path):
                self.assertIn(path, links)

    def test_there_is_an_icon_for_pages_that_name_none(self):
        self.assertEqual(b"\0\0\1\0", (SITE / "html" / "favicon.ico").read_bytes()[:4])


class Scripts(unittest.TestCase):
    def test_mytime_returns_text_with_the_time(self):
        exact = r'<time datetime="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}">\d\d:\d\d:\d\d</time>'
        self.assertRegex(load("mytime.py").application(), exact)

    def test_hello_is_a_wsgi_application(self):
        application = load("hello.py").application
        for query, name in [("", "world"), ("name=", "world"), ("name=%3Cb%3E", "<b>"), ("name=%E2%98%83", "☃")]:
            with self.subTest(query):
                answer = ask(application, "GET", "/hello.py", QUERY_STRING=query)
                self.assertEqual("Hello %s from a script page!\n" % name, answer.text)
                self.assertEqual("text/plain; charset=utf-8", answer.header("Content-Type"))


if __name__ == "__main__":
    unittest.main()
