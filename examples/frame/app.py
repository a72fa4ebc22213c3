"""A site built on the framework: ``seriema frame.app:app``. What serves it sees a WSGI callable, no more."""

import os
from hmac import compare_digest
from time import localtime, strftime

from .frame import Application, files, html

# For show, and printed on the page. A real site keeps salted hashes, and remembers in a session who is logged in.
ACCOUNTS = {"guest": "seriema"}

LAYOUT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – the small framework</title>
<link rel="icon" type="image/svg+xml" href="{icon}">
<link rel="stylesheet" href="{style}">
</head>
<body>
<nav aria-label="Pages">
<a href="{index}">Index</a> <a href="{login}">Log in</a> <a href="{time}">Time</a>
<a href="{hello}">Hello</a> <a href="{about}">About</a>
</nav>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""

INDEX = """<p>{greeting}! These pages come from a framework of less than 150 lines, and from a module that
has one function for each of them.</p>
<form action="{hello}/" method="get">
<p><label for="name">Your name</label> <input id="name" name="name" autocomplete="name">
<button>Say hello</button></p>
</form>
"""

LOGIN = """<form method="post">
<p><label for="name">Name</label>
<input id="name" name="name" value="{name}" autocomplete="username" required></p>
<p><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required></p>
<p><button>Log in</button></p>
</form>
<p>For show, there is one account: <kbd>guest</kbd>, password <kbd>seriema</kbd>.</p>
"""


def page(request, title, template, **values):
    """A whole page: the layout around what the template makes of the values."""
    return html(
        LAYOUT, title=title, content=html(template, **values),
        icon=request.url("/static/icon.svg"), style=request.url("/static/style.css"),
        index=request.url("/"), login=request.url("/login"), time=request.url("/time"),
        hello=request.url("/hello"), about=request.url("/static/about.html"))


def index(request):
    hour = localtime().tm_hour
    greeting = "Good morning" if 4 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"
    return page(request, "Index", INDEX, greeting=greeting, hello=request.url("/hello"))


def login_form(request):
    return page(request, "Log in", LOGIN, name="")


def login(request):
    name = request.form.get("name", "")
    password = ACCOUNTS.get(name)
    # The time that a comparison takes must not say how much of the password was right.
    if password and compare_digest(password.encode(), request.form.get("password", "").encode()):
        return 303, [("Location", request.url("/hello/" + name))], ""
    wrong = html('<p role="alert">{name} and this password do not belong together.</p>\n', name=name)
    return 403, [], page(request, "Log in", "{wrong}{form}", wrong=wrong, form=html(LOGIN, name=name))


def time(request):
    return page(
        request, "Time", "<p>It is <time datetime=\"{exact}\">{time}</time> where this runs.</p>",
        exact=strftime("%Y-%m-%dT%H:%M:%S%z"), time=strftime("%H:%M:%S"))


def hello(request):
    return "Hello world from the small framework!\n"


def hello_name(request, name):
    return page(request, "Hello", "<p>Hello, {name}!</p>", name=name)


def hello_query(request):
    """What the form of the index asks for: a form can only say ``?name=…``."""
    return hello_name(request, request.query.get("name") or "world")


def error_page(request, status):
    explanation = {404: "There is no such page here.", 405: "This page does not do that."}
    return page(request, "Error %d" % status, "<p>{text}</p>", text=explanation.get(status, "That went wrong."))


app = Application([
    ("GET", "/", index),
    ("GET", "/login", login_form),
    ("POST", "/login", login),
    ("GET", "/time", time),
    ("GET", "/hello", hello),
    ("GET", "/hello/", hello_query),
    ("GET", "/hello/<name>", hello_name),
    ("GET", "/static/<name>", files(os.path.join(os.path.dirname(__file__), "static"))),
], error_page)
