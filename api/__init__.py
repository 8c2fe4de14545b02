"""Renderjuice over HTTP: fields.py is plain data, the rest runs in the worker process only."""
