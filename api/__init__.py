"""Renderjuice over HTTP. Only the worker runs it, except `fields`, which is plain data for all.

It imports only system, never bpy.
"""
