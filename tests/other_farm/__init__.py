"""A second farm, written only from the API's documentation, without knowledge of the client.

Where the documentation leaves behavior open, a seed selects one of all possible behaviors.
`judge.py` compares the disk, the farm's log and the exit codes with what the extension promises.
`python -m tests.other_farm SEED` repeats the run of one seed.
"""
