import torch
import torch.nn as nn

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)

latent_dim = 3
batch_size = 6

generator = nn.Sequential(
    nn.Linear(latent_dim, 5),
    nn.BatchNorm1d(5),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Linear(5, 2),
    nn.Tanh(),
)
discriminator = nn.Sequential(
    nn.Linear(2, 6),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Linear(6, 1),
    nn.Sigmoid(),
)

adversarial_loss = nn.BCELoss()
optimizer_G = torch.optim.Adam(generator.parameters(), lr=2e-3, betas=(0.5, 0.999))
optimizer_D = torch.optim.Adam(discriminator.parameters(), lr=2e-3, betas=(0.5, 0.999))

angles = torch.rand(24) * 6.28
dataset = 0.7 * torch.stack([angles.cos(), angles.sin()], dim=1)

for epoch in range(2):
    for i in range(0, len(dataset), batch_size):
        real_imgs = dataset[i:i + batch_size]
        valid = torch.ones(real_imgs.size(0), 1)
        fake = torch.zeros(real_imgs.size(0), 1)

        # train the generator
        optimizer_G.zero_grad()
        z = torch.randn(real_imgs.size(0), latent_dim)
        gen_imgs = generator(z)
        g_loss = adversarial_loss(discriminator(gen_imgs), valid)
        g_loss.backward()
        optimizer_G.step()

        # train the discriminator
        optimizer_D.zero_grad()
        real_loss = adversarial_loss(discriminator(real_imgs), valid)
        fake_loss = adversarial_loss(discriminator(gen_imgs.detach()), fake)
        d_loss = (real_loss + fake_loss) / 2
        d_loss.backward()
        optimizer_D.step()

    print("[Epoch %d] [D loss: %f] [G loss: %f]" % (epoch, d_loss.item(), g_loss.item()))
