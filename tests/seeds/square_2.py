# 다층 순전파/역전파
layer1 = lambda x: x ** 2
layer2 = lambda y: 2 * y

def forward(x):
    y = layer1(x)
    z = layer2(y)
    return z


layer2_derivative = lambda y : 2
layer1_derivative = lambda x : 2 * x

def backward(x):
    """forward함수의 도함수"""
    dz_dy = layer2_derivative(x) # layer2 도함수
    dy_dx = layer1_derivative(x) # layer1 도함수
    dz_dx = dz_dy * dy_dx
    return dz_dx

x = 3.0
print(forward(x))

# forward 함수(z)를 x로 미분하면?
# x가 변할때 forward 함수(z)는 얼마나 변할까?
print(backward(x))
