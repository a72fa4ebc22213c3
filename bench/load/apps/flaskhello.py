"""Flask's hello world, for the server and for the bare loop alike."""

from flask import Flask

app = Flask(__name__)


@app.route("/hello")
def hello():
    return "Hello, World!"
