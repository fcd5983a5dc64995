import torch
import torch.nn as nn
from torch import autograd

torch.manual_seed(23)
torch.set_default_dtype(torch.float64)

LAMBDA, CRITIC_ITERS, BATCH = 10, 2, 6
critic = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 1))
netG = nn.Sequential(nn.Linear(2, 4), nn.ELU(), nn.Linear(4, 2))
optD = torch.optim.Adam(critic.parameters(), lr=1e-3, betas=(0.0, 0.9))
optG = torch.optim.Adam(netG.parameters(), lr=1e-3, betas=(0.0, 0.9))


def calc_gradient_penalty(netD, real_data, fake_data):
    alpha = torch.rand(BATCH, 1).expand(real_data.size())
    interpolates = alpha * real_data + (1 - alpha) * fake_data
    interpolates.requires_grad_(True)
    disc_interpolates = netD(interpolates)
    gradients = autograd.grad(outputs=disc_interpolates, inputs=interpolates,
                              grad_outputs=torch.ones(disc_interpolates.size()),
                              create_graph=True, retain_graph=True, only_inputs=True)[0]
    return ((gradients.norm(2, dim=1) - 1) ** 2).mean() * LAMBDA


for iteration in range(3):
    for p in critic.parameters():
        p.requires_grad = True
    for _ in range(CRITIC_ITERS):
        real = torch.randn(BATCH, 2) + 2
        critic.zero_grad()
        with torch.no_grad():
            fake = netG(torch.randn(BATCH, 2))
        penalty = calc_gradient_penalty(critic, real, fake)
        D_cost = critic(fake).mean() - critic(real).mean() + penalty
        D_cost.backward()
        optD.step()

    for p in critic.parameters():
        p.requires_grad = False
    netG.zero_grad()
    G_cost = -critic(netG(torch.randn(BATCH, 2))).mean()
    G_cost.backward()
    optG.step()
    print(iteration, D_cost.item(), G_cost.item())
