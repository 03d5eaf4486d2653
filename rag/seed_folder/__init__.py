"""The seeds folder as its user changes it: files put, deleted, restored, listed and watched. No user's file is lost."""
