import torch
import torch.nn as nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

device = "cuda" if torch.cuda.is_available() else "cpu"
use_amp = False  # float64 does not go with it
amp_dtype = torch.bfloat16

net = nn.Sequential(
    nn.Linear(6, 8),
    nn.LayerNorm(8),
    nn.ReLU6(),
    nn.Linear(8, 3),
).to(device)
opt = torch.optim.SGD(net.parameters(), lr=0.05)
scaler = torch.amp.GradScaler(device, enabled=use_amp)
loss_fn = nn.MSELoss().to(device)

data = [torch.randn(5, 6, device=device) for _ in range(4)]
targets = [d[:, :3].cumsum(1) for d in data]

for epoch in range(2):
    for input, target in zip(data, targets):
        with torch.autocast(device_type=device, dtype=amp_dtype, enabled=use_amp):
            output = net(input.to(device, non_blocking=True))
            loss = loss_fn(output, target)
        opt.zero_grad(set_to_none=True)
        scaler.scale(loss).backward()
        scaler.unscale_(opt)
        torch.nn.utils.clip_grad_norm_(net.parameters(), max_norm=1.0)
        scaler.step(opt)
        scaler.update()
    print(f"epoch {epoch} loss {loss.detach().cpu().numpy():.5f} scale {scaler.get_scale()}")
