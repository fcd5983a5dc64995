import math

import torch
from torch import nn
from torch.distributions import Categorical, MixtureSameFamily, Normal

torch.manual_seed(31)
torch.set_default_dtype(torch.float64)

ONE_OVER_SQRT_2PI = 1.0 / math.sqrt(2 * math.pi)


class MDN(nn.Module):
    def __init__(self, in_features, n_hidden, num_gaussians):
        super().__init__()
        self.z_h = nn.Sequential(nn.Linear(in_features, n_hidden), nn.Tanh())
        self.z_pi = nn.Linear(n_hidden, num_gaussians)
        self.z_sigma = nn.Linear(n_hidden, num_gaussians)
        self.z_mu = nn.Linear(n_hidden, num_gaussians)

    def forward(self, x):
        z_h = self.z_h(x)
        pi = nn.functional.softmax(self.z_pi(z_h), -1)
        sigma = torch.exp(self.z_sigma(z_h))
        mu = self.z_mu(z_h)
        return pi, sigma, mu


def gaussian_distribution(y, mu, sigma):
    result = (y.expand_as(mu) - mu) * torch.reciprocal(sigma)
    result = -0.5 * (result * result)
    return torch.exp(result) * torch.reciprocal(sigma) * ONE_OVER_SQRT_2PI


def mdn_loss_fn(pi, sigma, mu, y):
    result = gaussian_distribution(y, mu, sigma) * pi
    result = torch.sum(result, dim=1)
    return torch.mean(-torch.log(result))


# the inverse of a function is no function
y = torch.linspace(-2, 2, 18).unsqueeze(1)
x = 0.8 * torch.sin(2.0 * y) + 0.5 * y + 0.05 * torch.randn_like(y)

network = MDN(1, 6, 3)
optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
for epoch in range(4):
    pi, sigma, mu = network(x)
    loss = mdn_loss_fn(pi, sigma, mu, y)
    # the same by the distributions of the library
    mixture = MixtureSameFamily(Categorical(probs=pi), Normal(mu, sigma))
    check = -mixture.log_prob(y.squeeze(1)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(epoch, loss.item(), abs(check.item() - loss.item()) < 1e-10)
