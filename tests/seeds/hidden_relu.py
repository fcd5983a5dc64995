def relu(x):
    return np.maximum(0, x)

def relu_d(x):
    return np.where(x > 0, 1, 0)

X = np.array([0.5, 0.8])   # (2,)
y = np.array([1])

W1 = np.array([[0.2, 0.4], [0.1, 0.3]])   # (2, 2)
b1 = np.array([0.1, 0.2])   # (2,)
W2 = np.array([[0.5], [0.6]])   # (2, 1)
b2 = np.array([0.3])

# 순전파
z1 = np.dot(X, W1) + b1
r1 = relu(z1)

z2 = np.dot(r1, W2) + b2
r2 = relu(z2)

# 역전파 (기울기 계산)
delta2 = (r2 - y) * relu_d(z2)
grad_W2 = np.outer(r1, delta2)

delta1 = np.dot(W2, delta2) * relu_d(z1)
grad_W1 = np.outer(X, delta1)

# 가중치 갱신
learning_rate = 0.01
W2 -= learning_rate * grad_W2
W1 -= learning_rate * grad_W1

print(W2)
print(W1)
