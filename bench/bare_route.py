"""The bare thing: a Flask route that gives a small JSON object and asks nobody."""

from flask import Flask, Response, jsonify

app = Flask(__name__)


@app.get("/")
def answer() -> Response:
    """About as much JSON as a short credit file."""
    return jsonify(
        number="99926Q00001R0M",
        result="valid",
        matches=[{"id": str(at), "status": "valid"} for at in range(10)],
    )
