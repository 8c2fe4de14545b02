"""A second farm, written from the API's documentation alone: it knows nothing of the client.

What the documentation leaves open is drawn from the whole space by a seed. `judge.py` compares
the disk, the farm's log and the exit with what the extension promises.
`python -m tests.other_farm SEED` plays one seed again.
"""
