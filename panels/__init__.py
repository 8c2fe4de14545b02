"""What the artist sees. Runs in Blender's main thread, at each redraw: it does no I/O.

Only __init__.py at the root imports it; it imports session and all below, but no operators.
"""
