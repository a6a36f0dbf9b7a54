"""The pages: the same answers as the API, for people. A view parses, asks, renders."""

from flask import Blueprint

blueprint = Blueprint("pages", __name__)
