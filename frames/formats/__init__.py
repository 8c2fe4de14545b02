"""What files of each format must have from their header to their end.

Each module has a `check(source)` that raises `source.Wrong` for a file that cannot be whole. They
walk headers and declared sizes and decode no picture: what decodes (Pillow, OpenEXR, FFmpeg) is
large, has to be trusted with hostile files, and still does not tell a cut file in all formats.
"""
