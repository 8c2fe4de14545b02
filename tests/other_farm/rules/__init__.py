"""The promises checked after a run, in the farm's log, on disk and in the worker's messages.

The rules use none of the client's code: a record is JSON with a stage, an error, the farm's id
and a folder. Each rule yields messages that begin with the broken promise.
"""
