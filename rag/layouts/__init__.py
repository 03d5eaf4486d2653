"""Layouts of seed files, one module each: where articles begin and end in a family of files."""
