"""What a job is: its record, its snapshot, its estimate, and what Blender and the worker say of it.

Both run it. Plain data, without bpy; it imports packing.manifest, scene.checks, frames, api.fields
and system.
"""
