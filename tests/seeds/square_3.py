import numpy as np

def forward(x):
    y = x**2
    return y

def backward(x):
    dy_dx = 2 * x
    return dy_dx

x = 3.0
print(forward(x))
print(backward(x))
