"""Named arrays and equations: the network, its builders, and how it is read from SymPy."""
