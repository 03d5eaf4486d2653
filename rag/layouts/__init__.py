"""Layouts of seed files, one module each: where articles begin and end in a family of files.

A new layout is a class with the members of `headlines.Layout`, listed in `rag/articles.py`.
"""
