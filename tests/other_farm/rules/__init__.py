"""What must hold after a run: the farm's log, the disk and what was said, against the promises.

The rules know nothing of the client's code: a record is JSON with a stage, an error, the farm's id
and a folder. Each sentence that they give begins with the promise that is broken.
"""
