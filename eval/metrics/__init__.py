"""Metrics as pure functions on lists, a module a question asked. They know no files, models or question sets."""
