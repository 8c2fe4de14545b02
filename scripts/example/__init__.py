"""The parts of the example scene that scripts/make_example.py creates."""
