import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)

# a noisy sine, as windows of four values and the one after them
series = np.sin(np.linspace(0, 12, 30))
window = 4
X = np.array([series[i:i + window] for i in range(len(series) - window)])
y = np.array([series[i + window] for i in range(len(series) - window)])
X = torch.from_numpy(X).unsqueeze(-1)
y = torch.from_numpy(y).unsqueeze(-1)
X_train, y_train, X_test, y_test = X[:12], y[:12], X[12:], y[12:]


class LSTMModel(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers, output_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        h0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size)
        c0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size)
        out, (hn, cn) = self.lstm(x, (h0, c0))
        return self.fc(out[:, -1, :])


model = LSTMModel(input_size=1, hidden_size=3, num_layers=2, output_size=1)
loss_fn = nn.MSELoss(reduction="mean")
optimiser = torch.optim.Adam(model.parameters(), lr=0.01)

hist = np.zeros(4)
for t in range(4):
    y_train_pred = model(X_train)
    loss = loss_fn(y_train_pred, y_train)
    hist[t] = loss.item()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    print("Epoch ", t, "MSE: ", hist[t])

with torch.no_grad():
    print("test", loss_fn(model(X_test), y_test).item())
