"""Documents made of pages, and the formats in which they are written."""
