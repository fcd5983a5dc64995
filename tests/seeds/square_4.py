def forward(x):
    y = x**2
    z = 2 * y
    return z

def backward(x):
    dy_dx = 2 * x
    dz_dy = 2
    dz_dx = dz_dy * dy_dx
    return dz_dx

x = 3.0
print(forward(x))
print(backward(x))
