"""The command line: the parser, and what each command does. Runs in Blender's main thread.

Operators may import it, and panels its entrance; it imports session and all below.
"""
