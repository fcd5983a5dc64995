"""Output formats: one file each, from displays to the text of that format."""
