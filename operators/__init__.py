"""The operators behind the buttons. They run in Blender's main thread.

Only the root's __init__.py imports them. They import commands, session and the folders below.
"""
