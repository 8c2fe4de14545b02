"""All that is known of frames: their numbers, files, headers and times. Pure, without bpy or HTTP.

Used by Blender, the worker and the packer alike; it imports only api.output_file and system.
"""
