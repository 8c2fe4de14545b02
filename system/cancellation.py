"""Defines the exception that ends a step early."""


class Cancelled(Exception):
    """A step ended early: on a cancel, or because the process exits. No partial result remains."""
