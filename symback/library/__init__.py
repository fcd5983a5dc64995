"""What the names of code and the functions of NumPy, PyTorch and math mean: below all who follow code."""
