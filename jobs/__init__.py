"""A job: its record on disk, its stages, the worker process that runs them, the link to Blender."""
