"""What the names of code and the functions of NumPy, PyTorch and math mean, and the cells of notebooks: below all who follow code."""
