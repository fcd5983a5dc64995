import numpy as np

# policy gradient on recorded episodes (states, actions, rewards): no environment is needed
rng = np.random.default_rng(1234)
GAMMA = 0.9
ENTROPY = 0.01


def record_episode(length=7):
    states = rng.normal(size=(length, 4))
    actions = rng.integers(3, size=length)
    rewards = (actions == states[:, :3].argmax(axis=1)).astype(float)
    return states, actions, rewards


def discount(rewards):
    returns, running = np.zeros_like(rewards), 0.0
    for t in reversed(range(len(rewards))):
        running = rewards[t] + GAMMA * running
        returns[t] = running
    return returns


episodes = [record_episode() for _ in range(4)]
states = np.concatenate([e[0] for e in episodes])
actions = np.concatenate([e[1] for e in episodes])
returns = np.concatenate([discount(e[2]) for e in episodes])
advantage = (returns - returns.mean()) / (returns.std() + 1e-8)


class Policy:
    def __init__(self):
        self.theta = {
            "hidden": rng.normal(0, 0.5, (4, 6)),
            "action": rng.normal(0, 0.5, (6, 3)),
        }

    def probabilities(self, s):
        self.h = np.tanh(s @ self.theta["hidden"])
        logits = self.h @ self.theta["action"]
        logits = logits - logits.max(axis=1, keepdims=True)
        exps = np.exp(logits)
        return exps / exps.sum(axis=1, keepdims=True)


policy = Policy()
for update in range(20):
    pi = policy.probabilities(states)
    taken = pi[np.arange(len(actions)), actions]
    entropy = -(pi * np.log(pi)).sum(axis=1)
    policy_loss = -(np.log(taken) * advantage).mean() - ENTROPY * entropy.mean()

    onehot = np.eye(3)[actions]
    d_logits = (pi - onehot) * advantage[:, None] / len(actions)
    d_logits += ENTROPY * pi * (np.log(pi) + entropy[:, None]) / len(actions)
    d_hidden = (d_logits @ policy.theta["action"].T) * (1 - policy.h ** 2)
    grads = {"action": policy.h.T @ d_logits, "hidden": states.T @ d_hidden}
    for name, g in grads.items():
        policy.theta[name] -= 0.5 * g
    if update % 5 == 0:
        print(f"update {update}: loss {policy_loss:+.4f}, entropy {entropy.mean():.3f}")
