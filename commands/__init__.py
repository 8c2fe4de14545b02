"""The command line: the parser and the commands. Runs in Blender's main thread.

Operators and panels may import it. It imports session and the folders below.
"""
