"""A small VQ autoencoder: the codebook's nearest row, with the gradient copied past it."""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(5)
torch.set_default_dtype(torch.float64)


class VectorQuantizer(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, commitment_cost):
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim)
        self.embedding.weight.data.uniform_(-1, 1)
        self.commitment_cost = commitment_cost

    def forward(self, inputs):
        distances = (torch.sum(inputs ** 2, dim=1, keepdim=True)
                     + torch.sum(self.embedding.weight ** 2, dim=1)
                     - 2 * torch.matmul(inputs, self.embedding.weight.t()))
        encoding_indices = torch.argmin(distances, dim=1).unsqueeze(1)
        encodings = torch.zeros(encoding_indices.shape[0], self.embedding.num_embeddings)
        encodings.scatter_(1, encoding_indices, 1)
        quantized = torch.matmul(encodings, self.embedding.weight)

        e_latent_loss = F.mse_loss(quantized.detach(), inputs)
        q_latent_loss = F.mse_loss(quantized, inputs.detach())
        loss = q_latent_loss + self.commitment_cost * e_latent_loss

        quantized = inputs + (quantized - inputs).detach()
        avg_probs = torch.mean(encodings, dim=0)
        perplexity = torch.exp(-torch.sum(avg_probs * torch.log(avg_probs + 1e-10)))
        return loss, quantized, perplexity


encoder = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 2))
quantizer = VectorQuantizer(4, 2, commitment_cost=0.25)
decoder = nn.Linear(2, 5)
model = nn.ModuleDict({"enc": encoder, "vq": quantizer, "dec": decoder})
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
data = torch.randn(10, 5)
for i in range(4):
    optimizer.zero_grad()
    vq_loss, z_q, perplexity = quantizer(encoder(data))
    recon_error = F.mse_loss(decoder(z_q), data)
    total = recon_error + vq_loss
    total.backward()
    optimizer.step()
    print(f"{i} recon {recon_error.item():.4f} perplexity {perplexity.item():.3f}")
