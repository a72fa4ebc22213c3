"""A script page in its shortest form: ``application`` takes nothing and returns the page's text."""

import os
import platform
from html import escape
from time import strftime

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="The time, asked of Python for each request.">
<title>The time – Seriema</title>
<link rel="icon" href="/favicon.ico" sizes="48x48">
<link rel="icon" href="/favicon.svg" type="image/svg+xml" sizes="any">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header>
<a class="name" href="/"><img src="/favicon.svg" width="36" height="36" alt=""> Seriema</a>
<nav aria-label="Pages">
<a href="/">Running now</a>
<a href="/how.html">How it works</a>
<a href="/mytime.py" aria-current="page">The time</a>
</nav>
</header>
<main id="main">
<section>
<h1>The time</h1>
<p class="big"><time datetime="{exact}">{time}</time></p>
<dl class="facts panel">
<dt>Day</dt><dd>{day}</dd>
<dt>Zone</dt><dd>{zone}</dd>
<dt>Python</dt><dd>{python}</dd>
<dt>Process</dt><dd>{process}</dd>
</dl>
</section>
<section class="text">
<h2>Who says so</h2>
<p>Reload the page, and <code>application()</code> in <code>examples/site/dynamic/mytime.py</code> is called again.
Change that file, and the next request runs what you wrote.</p>
</section>
</main>
<footer>
<p>This page is what a script of <code>examples/site/dynamic</code> returned. Seriema is free software under the MIT licence.</p>
</footer>
</body>
</html>
"""


def application():
    values = {
        "exact": strftime("%Y-%m-%dT%H:%M:%S%z"),
        "time": strftime("%H:%M:%S"),
        "day": strftime("%A, %d %B %Y"),
        "zone": strftime("%Z (UTC%z)"),
        "python": platform.python_version(),
        "process": os.getpid(),
    }
    return PAGE.format_map({name: escape(str(value)) for name, value in values.items()})
