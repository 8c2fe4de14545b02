"""How a step ends early: because the artist cancels, or because its process ends."""


class Cancelled(Exception):
    """A step was asked to end early. It leaves nothing half-made behind."""
