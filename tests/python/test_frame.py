"""The small framework, by itself."""

import io
import os
import tempfile
import unittest

from asking import ask
from frame.frame import FORM_LIMIT, HTML, Application, HTTPError, files, html


def respond(view, method="GET", path="/", **environ):
    """What an application answers whose only view this is."""
    return ask(Application([(method, "/", view)]), method, path, **environ)


class Table(unittest.TestCase):
    def setUp(self):
        self.app = Application([
            ("GET", "/", lambda request: "root"),
            ("GET", "/a.b", lambda request: "literal"),
            ("GET", "/hello/world", lambda request: "exact"),
            ("GET", "/hello/<name>", lambda request, name: "name " + name),
            ("POST", "/hello/<name>", lambda request, name: "posted " + name),
            ("GET", "/<first_part>/of/<second>", lambda request, first_part, second: first_part + "+" + second),
        ])

    def test_a_path_finds_its_view(self):
        for path, text in [
            ("/", "root"), ("/a.b", "literal"), ("/hello/world", "exact"), ("/hello/you", "name you"),
            ("/1/of/2", "1+2"), ("/hello/jürgen ☃", "name jürgen ☃"), ("/hello/a\nb", "name a\nb"),
        ]:
            with self.subTest(path):
                answer = ask(self.app, "GET", path)
                self.assertEqual(("200 OK", text), (answer.status, answer.text))

    def test_no_path_is_404(self):
        for path in ["/no", "/axb", "/hello/", "/hello", "/hello/a/b", "/hello/a/", "/a.b\n", "//", "/of/", "/*"]:
            with self.subTest(path):
                self.assertEqual("404 Not Found", ask(self.app, "GET", path).status)

    def test_another_method_is_405_with_those_that_there_are(self):
        both = "GET, HEAD, POST"
        for path, allowed in [("/", "GET, HEAD"), ("/hello/you", both), ("/hello/world", both)]:
            with self.subTest(path):
                answer = ask(self.app, "DELETE", path)
                self.assertEqual(("405 Method Not Allowed", allowed), (answer.status, answer.header("Allow")))

    def test_the_first_line_that_fits_decides_for_each_method(self):
        self.assertEqual("posted world", ask(self.app, "POST", "/hello/world").text)

    def test_head_is_get_without_its_body(self):
        get, head = ask(self.app, "GET", "/hello/you"), ask(self.app, "HEAD", "/hello/you")
        self.assertEqual((get.status, get.headers, b""), (head.status, head.headers, head.body))
        self.assertEqual("404 Not Found", ask(self.app, "HEAD", "/no").status)

    def test_head_is_not_allowed_where_get_is_not(self):
        answer = ask(Application([("POST", "/", lambda request: "")]), "HEAD", "/")
        self.assertEqual(("405 Method Not Allowed", "POST"), (answer.status, answer.header("Allow")))

    def test_the_prefix_alone_is_the_root(self):
        self.assertEqual("root", ask(self.app, "GET", "", SCRIPT_NAME="/prefix").text)

    def test_bytes_that_are_no_text_harm_nothing(self):
        answer = ask(self.app, "GET", b"/hello/\xff")
        self.assertEqual(("200 OK", "name \N{REPLACEMENT CHARACTER}"), (answer.status, answer.text))


class Answers(unittest.TestCase):
    def test_what_a_view_returns_decides_the_type(self):
        for value, kind, body in [
            ("<b>ü", "text/plain; charset=utf-8", "<b>ü".encode()),
            (HTML("<b>ü"), "text/html; charset=utf-8", "<b>ü".encode()),
            ((200, [("Content-Type", "image/png")], b"\x89"), "image/png", b"\x89"),
            ((200, [("Content-Type", "text/csv")], [b"a,", b"b"]), "text/csv", b"a,b"),
        ]:
            with self.subTest(value):
                answer = respond(lambda request: value)
                self.assertEqual((kind, body), (answer.header("Content-Type"), answer.body))
                self.assertEqual("nosniff", answer.header("X-Content-Type-Options"))

    def test_status_and_headers_are_the_view_s(self):
        answer = respond(lambda request: (303, [("Location", "/there")], ""))
        self.assertEqual(("303 See Other", "/there", "0"),
                         (answer.status, answer.header("Location"), answer.header("Content-Length")))
        self.assertEqual([("X-Content-Type-Options", "nosniff")], respond(lambda request: (204, [], [])).headers)

    def test_the_length_is_that_of_the_bytes(self):
        self.assertEqual("4", respond(lambda request: "ü☃"[:1] + "ü").header("Content-Length"))

    def test_an_error_is_500_and_only_the_log_knows_why(self):
        def broken(request):
            raise RuntimeError("the secret of the house")

        for view in [broken, lambda request: None, lambda request: (999, [], "no such status"), lambda: "no argument"]:
            with self.subTest(view):
                answer = respond(view)
                self.assertEqual(("500 Internal Server Error", "Internal Server Error\n"), (answer.status, answer.text))
                self.assertIn("Traceback (most recent call last)", answer.errors)
        self.assertIn("RuntimeError: the secret of the house", respond(broken).errors)

    def test_a_view_may_end_with_a_status(self):
        def forbidden(request):
            raise HTTPError(429, ("Retry-After", "5"))

        answer = respond(forbidden)
        self.assertEqual(("429 Too Many Requests", "5", "Too Many Requests\n", ""),
                         (answer.status, answer.header("Retry-After"), answer.text, answer.errors))

    def test_the_error_page_is_the_application_s(self):
        app = Application([], lambda request, status: html("<p>{status} {path}</p>", status=status, path=request.path))
        self.assertEqual("<p>404 /&lt;x&gt;</p>", ask(app, "GET", "/<x>").text)

    def test_an_error_page_that_fails_is_500(self):
        answer = ask(Application([], lambda request, status: 1 / 0), "GET", "/")
        self.assertEqual("500 Internal Server Error", answer.status)


class Pages(unittest.TestCase):
    def test_values_are_escaped_but_not_twice(self):
        inner = html("<i>{text}</i>", text="<&\"'>")
        self.assertEqual("<i>&lt;&amp;&quot;&#x27;&gt;</i>", inner)
        self.assertEqual("<p title=\"&quot;\">" + inner + "5</p>",
                         html("<p title=\"{title}\">{inner}{number}</p>", title='"', inner=inner, number=5))

    def test_braces_in_a_value_are_no_names(self):
        self.assertEqual("{secret}", html("{text}", text="{secret}", secret="seen"))

    def test_what_is_not_html_any_more_is_escaped(self):
        self.assertEqual("&lt;b&gt;!", html("{text}", text=HTML("<b>") + "!"))


class Requests(unittest.TestCase):
    def form(self, body, **environ):
        """The form that a view sees, or the status when it does not come so far."""
        seen = []
        answer = respond(lambda request: seen.append(request.form) or "", "POST", body=body, **environ)
        return seen[0] if seen else answer.status

    def test_query(self):
        seen = []
        respond(lambda request: seen.append(request.query) or "", QUERY_STRING="a=1&b=%C3%BC+x&a=2&empty=&ü=raw&lone")
        self.assertEqual([{"a": "2", "b": "ü x", "empty": "", "ü": "raw", "lone": ""}], seen)

    def test_a_form_is_read(self):
        self.assertEqual({"name": "jürgen & co", "more": "a\r\nb", "empty": ""},
                         self.form(b"name=j%C3%BCrgen+%26+co&more=a%0D%0Ab&empty="))
        self.assertEqual({"a": "b"}, self.form(b"a=b", CONTENT_TYPE="Application/X-WWW-Form-Urlencoded; charset=UTF-8"))

    def test_a_form_is_read_once(self):
        answer = respond(lambda request: request.form["a"] + request.form["a"], "POST", body=b"a=b")
        self.assertEqual("bb", answer.text)

    def test_another_type_is_415(self):
        for kind in ["multipart/form-data; boundary=x", "text/plain", ""]:
            with self.subTest(kind):
                self.assertEqual("415 Unsupported Media Type", self.form(b"a=b", CONTENT_TYPE=kind))

    def test_the_size_has_a_limit(self):
        largest = b"a=" + b"x" * (FORM_LIMIT - 2)
        self.assertEqual(FORM_LIMIT - 2, len(self.form(largest)["a"]))
        self.assertRegex(self.form(largest + b"x"), "^413 ")

    def test_no_more_than_the_limit_is_ever_read(self):
        body = io.BytesIO(b"x" * 10 * FORM_LIMIT)
        self.assertRegex(self.form(b"", CONTENT_LENGTH="100000000", **{"wsgi.input": body}), "^413 ")
        self.assertEqual(FORM_LIMIT + 1, body.tell())

    def test_no_more_than_the_length_is_ever_read(self):
        body = io.BytesIO(b"a=bGET / HTTP/1.1")
        self.assertEqual({"a": "b"}, self.form(b"", CONTENT_LENGTH="3", **{"wsgi.input": body}))
        self.assertEqual(3, body.tell())

    def test_without_a_length_the_server_must_say_that_the_input_ends(self):
        environ = {"CONTENT_LENGTH": ""}
        self.assertEqual({}, self.form(b"a=b", **environ))
        self.assertEqual({"a": "b"}, self.form(b"a=b", **environ, **{"wsgi.input_terminated": True}))

    def test_too_many_fields_are_400(self):
        self.assertEqual(100, len(self.form("&".join("a%d=" % i for i in range(100)).encode())))
        self.assertEqual("400 Bad Request", self.form(b"a=&" * 101))

    def test_an_address_is_below_the_prefix(self):
        answer = respond(lambda request: request.url("/hello/jürgen ☃?"), SCRIPT_NAME="/prä fix")
        self.assertEqual("/pr%C3%A4%20fix/hello/j%C3%BCrgen%20%E2%98%83%3F", answer.text)


class Files(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.outside = os.path.join(holder.name, "outside.txt")
        self.folder = os.path.join(holder.name, "pages")
        os.mkdir(self.folder)
        for path in [self.outside, *map(self.inside, ["a.txt", "a b.css", ".hidden", "plain", "a.tar.gz", "ü.svg"])]:
            with open(path, "w") as file:
                file.write("content\n")
        self.app = Application([("GET", "/<name>", files(self.folder))])

    def inside(self, name):
        return os.path.join(self.folder, name)

    def test_a_file_is_sent(self):
        for name, kind in [
            ("a.txt", "text/plain; charset=utf-8"), ("a b.css", "text/css; charset=utf-8"), ("ü.svg", "image/svg+xml"),
            ("plain", "application/octet-stream"), ("a.tar.gz", "application/octet-stream"),
        ]:
            with self.subTest(name):
                answer = ask(self.app, "GET", "/" + name)
                self.assertEqual(("200 OK", kind, "8", b"content\n"), (
                    answer.status, answer.header("Content-Type"), answer.header("Content-Length"), answer.body))

    def test_head_has_the_length(self):
        answer = ask(self.app, "HEAD", "/a.txt")
        self.assertEqual(("8", b""), (answer.header("Content-Length"), answer.body))

    def test_what_is_not_the_folder_s_own_file_is_404(self):
        os.symlink(self.outside, self.inside("link.txt"))
        os.symlink("../outside.txt", self.inside("relative.txt"))
        os.symlink("nowhere", self.inside("broken"))
        os.symlink("/dev/zero", self.inside("zero"))
        os.mkfifo(self.inside("fifo"))
        os.mkdir(self.inside("folder"))
        for name in ["link.txt", "relative.txt", "broken", "zero", "fifo", "folder", ".hidden", "..", ".", "none",
                     "../outside.txt", "../pages/a.txt", "folder/../a.txt", "a.txt/", "\0", "a.txt\0", "x" * 5000]:
            with self.subTest(name):
                answer = ask(self.app, "GET", "/" + name)
                self.assertEqual(("404 Not Found", ""), (answer.status, answer.errors))

    def test_a_link_within_the_folder_is_followed(self):
        os.symlink("a.txt", self.inside("same.txt"))
        self.assertEqual(b"content\n", ask(self.app, "GET", "/same.txt").body)

    def test_the_server_s_own_way_to_send_files_is_used(self):
        seen = []

        def wrapper(file, *size):
            seen.append(file.name)
            return file

        ask(self.app, "GET", "/a.txt", **{"wsgi.file_wrapper": wrapper})
        self.assertEqual([os.path.realpath(self.inside("a.txt"))], seen)


if __name__ == "__main__":
    unittest.main()
