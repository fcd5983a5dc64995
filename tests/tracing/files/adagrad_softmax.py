import numpy as np


class SoftmaxRegression(object):
    """Multinomial logistic regression with L2 penalty, trained by Adagrad."""

    def __init__(self, n_features, n_classes, reg=1e-2, lr=0.5):
        self.W = 0.01 * np.random.randn(n_features, n_classes)
        self.reg = reg
        self.lr = lr
        self.cache = np.zeros_like(self.W)

    def loss(self, X, y):
        N = X.shape[0]
        f = X.dot(self.W)
        f -= np.max(f, axis=1).reshape(-1, 1)
        log_p = f - np.log(np.sum(np.exp(f), axis=1))[:, None]
        loss = -log_p[np.arange(N), y].mean()
        loss += 0.5 * self.reg * np.sum(self.W * self.W)

        p = np.exp(log_p)
        p[np.arange(N), y] -= 1.0
        dW = X.T.dot(p) / N + self.reg * self.W
        return loss, dW

    def train(self, X, y, n_iters=50, batch_size=20):
        history = []
        for it in range(n_iters):
            pick = np.random.choice(len(X), batch_size, replace=False)
            loss, dW = self.loss(X[pick], y[pick])
            history.append(loss)
            self.cache += dW ** 2
            self.W -= self.lr * dW / (np.sqrt(self.cache) + 1e-7)
        return history


if __name__ == '__main__':
    np.random.seed(13)
    n = 60
    X = np.random.randn(n, 4)
    X = np.hstack([X, np.ones((n, 1))])          # bias trick
    y = np.argmax(X[:, :3], axis=1)
    clf = SoftmaxRegression(5, 3)
    history = clf.train(X, y)
    print('first %.4f, last %.4f' % (history[0], history[-1]))
    print('train accuracy', np.mean(np.argmax(X @ clf.W, axis=1) == y))
