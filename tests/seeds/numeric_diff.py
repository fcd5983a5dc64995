def f(x):
    return x**2

def num_d_gradient(f, x):
    h = 1e-5
    return (f(x + h) - f(x - h)) / (2 * h)

def backward_gradient(x):
    return 2 * x

print(num_d_gradient(f, 3.0))
print(backward_gradient(3.0))
