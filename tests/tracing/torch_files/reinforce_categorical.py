import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.distributions import Categorical

torch.manual_seed(543)
torch.set_default_dtype(torch.float64)
gamma = 0.95
eps = 1e-8


class Policy(nn.Module):
    def __init__(self):
        super(Policy, self).__init__()
        self.affine1 = nn.Linear(2, 6)
        self.action_head = nn.Linear(6, 2)
        self.value_head = nn.Linear(6, 1)
        self.saved_log_probs = []
        self.entropies = []
        self.values = []
        self.rewards = []

    def forward(self, x):
        x = torch.tanh(self.affine1(x))
        return F.softmax(self.action_head(x), dim=1), self.value_head(x)


class Balance:
    def reset(self):
        self.x, self.v, self.t = 0.1, 0.0, 0
        return [self.x, self.v]

    def step(self, action):
        self.v += 0.3 * self.x + (0.1 if action == 1 else -0.1)
        self.x += self.v
        self.t += 1
        return [self.x, self.v], 1.0 - abs(self.x), abs(self.x) > 2 or self.t >= 6


env = Balance()
policy = Policy()
optimizer = optim.Adam(policy.parameters(), lr=1e-2)


def select_action(state):
    state = torch.tensor(state).unsqueeze(0)
    probs, value = policy(state)
    m = Categorical(probs)
    action = m.sample()
    policy.saved_log_probs.append(m.log_prob(action))
    policy.entropies.append(m.entropy())
    policy.values.append(value.squeeze(1))
    return action.item()


def finish_episode():
    R = 0
    policy_loss, value_loss = [], []
    returns = []
    for r in policy.rewards[::-1]:
        R = r + gamma * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + eps)
    for log_prob, value, R in zip(policy.saved_log_probs, policy.values, returns):
        advantage = R - value.item()
        policy_loss.append(-log_prob * advantage)
        value_loss.append(F.smooth_l1_loss(value, R.view(1)))
    optimizer.zero_grad()
    entropy = torch.stack(policy.entropies).mean()
    loss = torch.cat(policy_loss).sum() + torch.stack(value_loss).sum() - 0.01 * entropy
    loss.backward()
    optimizer.step()
    del policy.rewards[:]
    del policy.saved_log_probs[:]
    del policy.entropies[:]
    del policy.values[:]
    return loss.item()


for i_episode in range(4):
    state = env.reset()
    ep_reward, done = 0, False
    while not done:
        action = select_action(state)
        state, reward, done = env.step(action)
        policy.rewards.append(reward)
        ep_reward += reward
    print('Episode {}\treward: {:.2f}\tloss: {:.4f}'.format(i_episode, ep_reward, finish_episode()))
