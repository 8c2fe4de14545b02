"""The render engines that the farm supports, by Blender's identifiers."""

CYCLES = "CYCLES"
EEVEE = ("BLENDER_EEVEE", "BLENDER_EEVEE_NEXT")  # the second in Blender 4.2 to 4.5
