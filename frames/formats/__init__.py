"""Checks the structure of files, by format.

Each module has a `check(source)` that raises `source.Corrupt` for an incomplete file. It follows
headers and declared sizes without decoding: decoders (Pillow, OpenEXR, FFmpeg) are large, would
have to be trusted with hostile files, and do not detect truncation in all formats.
"""
