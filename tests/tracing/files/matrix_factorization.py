import numpy as np

# ratings of 6 people for 5 films; nan = not seen
R = np.array([
    [5, 3, np.nan, 1, 2],
    [4, np.nan, np.nan, 1, np.nan],
    [1, 1, np.nan, 5, 4],
    [1, np.nan, 2, 4, np.nan],
    [np.nan, 1, 5, 4, 3],
    [2, 4, 1, np.nan, 5],
])
known = ~np.isnan(R)
ratings = np.where(known, R, 0.0)
mu = ratings[known].mean()


class MF():
    def __init__(self, K, alpha, beta, iterations):
        np.random.seed(77)
        self.num_users, self.num_items = R.shape
        self.alpha, self.beta, self.iterations = alpha, beta, iterations
        self.P = np.random.normal(scale=1. / K, size=(self.num_users, K))
        self.Q = np.random.normal(scale=1. / K, size=(self.num_items, K))
        self.b_u = np.zeros(self.num_users)
        self.b_i = np.zeros(self.num_items)

    def full_matrix(self):
        return mu + self.b_u[:, np.newaxis] + self.b_i[np.newaxis:, ] + self.P.dot(self.Q.T)

    def objective(self):
        error = (ratings - self.full_matrix())[known]
        penalty = sum(np.linalg.norm(a) ** 2 for a in (self.P, self.Q, self.b_u, self.b_i))
        return np.dot(error, error) + self.beta * penalty

    def gradients(self):
        e = known * (ratings - self.full_matrix())
        return {
            'P': -2 * e.dot(self.Q) + 2 * self.beta * self.P,
            'Q': -2 * e.T.dot(self.P) + 2 * self.beta * self.Q,
            'b_u': -2 * e.sum(axis=1) + 2 * self.beta * self.b_u,
            'b_i': -2 * e.sum(axis=0) + 2 * self.beta * self.b_i,
        }

    def train(self):
        training_process = []
        for i in range(self.iterations):
            obj = self.objective()
            g = self.gradients()
            for attr, grad in g.items():
                setattr(self, attr, getattr(self, attr) - self.alpha * grad)
            training_process.append((i, obj))
            if (i + 1) % 20 == 0:
                print("Iteration: %d ; objective = %.4f" % (i + 1, obj))
        return training_process


mf = MF(K=2, alpha=0.02, beta=0.02, iterations=60)
mf.train()
print(np.round(mf.full_matrix(), 1))
