"""One execution of one's own code, recorded, becomes a Network."""
