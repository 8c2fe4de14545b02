"""What the buttons do. Runs in Blender's main thread.

Only __init__.py at the root imports it; it imports commands, session and all below.
"""
