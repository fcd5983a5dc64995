"""A caption decoder over memory vectors, teacher forced."""
import torch
import torch.nn as nn

torch.manual_seed(8)
torch.set_default_dtype(torch.float64)

PAD, BOS, EOS = 0, 1, 2
VOCAB, D_MODEL, LENGTH = 8, 4, 5


class CaptionDecoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.image_proj = nn.Linear(3, D_MODEL)
        self.tok = nn.Embedding(VOCAB, D_MODEL, padding_idx=PAD)
        self.pos = nn.Parameter(torch.zeros(1, LENGTH, D_MODEL))
        nn.init.trunc_normal_(self.pos, std=0.02)
        layer = nn.TransformerDecoderLayer(D_MODEL, nhead=2, dim_feedforward=6, dropout=0.0, activation="gelu",
                                           batch_first=True, norm_first=True)
        self.decoder = nn.TransformerDecoder(layer, num_layers=2, norm=nn.LayerNorm(D_MODEL))
        self.lm_head = nn.Linear(D_MODEL, VOCAB)

    def forward(self, image, tokens):
        t = tokens.shape[1]
        causal = torch.triu(torch.full((t, t), float("-inf")), diagonal=1)
        pad = torch.zeros_like(tokens, dtype=torch.get_default_dtype()).masked_fill(tokens == PAD, float("-inf"))
        x = self.tok(tokens) + self.pos[:, :t]
        memory = self.image_proj(image)
        x = self.decoder(x, memory, tgt_mask=causal, tgt_key_padding_mask=pad)
        return self.lm_head(x)


images = torch.randn(3, 4, 3)  # 3 images, 4 regions each
captions = torch.tensor([[BOS, 4, 5, 6, EOS], [BOS, 3, EOS, PAD, PAD], [BOS, 7, 7, EOS, PAD]])

model = CaptionDecoder()
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, betas=(0.9, 0.98), eps=1e-9)
for step in range(4):
    logits = model(images, captions[:, :-1])
    loss = criterion(logits.transpose(1, 2), captions[:, 1:])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.4f}")
