def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def sigmoid_d(x):
    return sigmoid(x) * (1 - sigmoid(x))

X = np.array([0.5, 0.8])
y = np.array([1])

W = np.array([0.2, 0.4])

# 순전파
z = np.dot(X, W)
r = sigmoid(z)

# 오차 계산
loss = 0.5 * (y - r) ** 2

# 역전파 (기울기 계산)
delta = (r - y) * sigmoid_d(z)
grad_w = delta * X

# 가중치 갱신
W -= 0.1 * grad_w   # 0.1 == learning_rate

print(W)
