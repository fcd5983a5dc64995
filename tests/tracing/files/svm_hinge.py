import numpy as np

np.random.seed(231)


def svm_loss_naive(W, X, y, reg):
    """Loops, for comparison."""
    num_classes, num_train = W.shape[1], X.shape[0]
    loss = 0.0
    for i in range(num_train):
        scores = X[i].dot(W)
        correct_class_score = scores[y[i]]
        for j in range(num_classes):
            if j == y[i]:
                continue
            margin = scores[j] - correct_class_score + 1
            if margin > 0:
                loss += margin
    loss /= num_train
    loss += reg * np.sum(W * W)
    return loss


def svm_loss_vectorized(W, X, y, reg):
    num_train = X.shape[0]
    scores = X.dot(W)
    correct = scores[np.arange(num_train), y].reshape(-1, 1)
    margins = np.maximum(0, scores - correct + 1)
    margins[np.arange(num_train), y] = 0
    loss = margins.sum() / num_train + reg * np.sum(W * W)

    binary = (margins > 0).astype(float)
    binary[np.arange(num_train), y] = -binary.sum(axis=1)
    dW = X.T.dot(binary) / num_train + 2 * reg * W
    return loss, dW


X_dev = np.random.randn(18, 5)
y_dev = np.random.randint(4, size=18)
W = np.random.randn(5, 4) * 0.3

loss, grad = svm_loss_vectorized(W, X_dev, y_dev, 0.000005)
print('loss: %f' % (loss, ))
print('difference to loops: %e' % abs(loss - svm_loss_naive(W, X_dev, y_dev, 0.000005)))

loss_hist = []
for it in range(40):
    loss, grad = svm_loss_vectorized(W, X_dev, y_dev, 1e-3)
    loss_hist.append(loss)
    W += -0.05 * grad
    if it % 20 == 0:
        print('iteration %d / 40: loss %f' % (it, loss))
