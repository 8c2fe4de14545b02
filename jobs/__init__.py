"""The data model of a job: record, snapshot, estimate, and the protocol of Blender and the worker.

Both processes import it. It holds plain data, without bpy, and imports packing.manifest,
scene.checks, frames, api.fields and system.
"""
