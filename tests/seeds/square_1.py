# 단층 순전파/ 역전파
def forward(x):
    return x ** 2

def backward(x):
    """forward함수의 도함수(기울기를 계산하는 식)"""
    return 2 * x

x = 3.0

print(forward(x))

# forward 함수를 x로 미분하면?
# x가 변할때, forward 함수는 얼마나 변할까?
print(backward(x))
