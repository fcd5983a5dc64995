import numpy as np

# XOR with global variables
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])

np.random.seed(1)
W1 = 2 * np.random.random((2, 3)) - 1
W2 = 2 * np.random.random((3, 1)) - 1
b1 = np.zeros((1, 3))
b2 = np.zeros((1, 1))
lr = 0.8
layer1 = None
layer2 = None
loss = 0


def sigmoid(x, deriv=False):
    if deriv == True:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


def forward_pass():
    global layer1, layer2
    layer1 = sigmoid(np.dot(X, W1) + b1)
    layer2 = sigmoid(np.dot(layer1, W2) + b2)


def compute_loss():
    global loss
    loss = ((y - layer2) ** 2).sum() / 2


def backward_pass():
    global W1, W2, b1, b2, layer2_delta, layer1_delta
    layer2_error = y - layer2
    layer2_delta = layer2_error * sigmoid(layer2, deriv=True)
    layer1_error = layer2_delta.dot(W2.T)
    layer1_delta = layer1_error * sigmoid(layer1, deriv=True)
    W2 += lr * layer1.T.dot(layer2_delta)
    W1 += lr * X.T.dot(layer1_delta)
    b2 += lr * layer2_delta.sum(axis=0, keepdims=True)
    b1 += lr * layer1_delta.sum(axis=0, keepdims=True)


for j in range(300):
    forward_pass()
    compute_loss()
    backward_pass()
    if (j % 100) == 0:
        print("Error: " + str(np.mean(np.abs(y - layer2))), loss)

print("Output after training:")
print(layer2.round(2))
