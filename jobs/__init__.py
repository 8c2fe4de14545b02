"""What a job is: its record on disk, the snapshots of it, its estimate. Plain data, without bpy.

Blender and the worker both run it; it imports packing.manifest, frames, api.fields and system.
"""
