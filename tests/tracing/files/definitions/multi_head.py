import numpy as np


class MultiHeadAttention:
    def __init__(self, d_model: int, num_heads: int):
        assert d_model % num_heads == 0
        self.d_model, self.num_heads = d_model, num_heads
        self.d_k = d_model // num_heads
        rng = np.random.default_rng(42)
        scale = 1 / np.sqrt(d_model)
        self.W_q = rng.standard_normal((d_model, d_model)) * scale
        self.W_k = rng.standard_normal((d_model, d_model)) * scale
        self.W_v = rng.standard_normal((d_model, d_model)) * scale
        self.W_o = rng.standard_normal((d_model, d_model)) * scale

    def split_heads(self, x):
        batch, length, _ = x.shape
        return x.reshape(batch, length, self.num_heads, self.d_k).transpose(0, 2, 1, 3)

    def combine_heads(self, x):
        batch, _, length, _ = x.shape
        return x.transpose(0, 2, 1, 3).reshape(batch, length, self.d_model)

    def scaled_dot_product_attention(self, Q, K, V, mask=None):
        scores = np.matmul(Q, K.transpose(0, 1, 3, 2)) / np.sqrt(self.d_k)
        if mask is not None:
            scores = np.where(mask == 0, -1e9, scores)
        weights = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
        weights = weights / np.sum(weights, axis=-1, keepdims=True)
        return np.matmul(weights, V), weights

    def forward(self, query, key, value, mask=None):
        Q = self.split_heads(np.matmul(query, self.W_q))
        K = self.split_heads(np.matmul(key, self.W_k))
        V = self.split_heads(np.matmul(value, self.W_v))
        attended, self.attention_weights = self.scaled_dot_product_attention(Q, K, V, mask)
        return np.matmul(self.combine_heads(attended), self.W_o)


def tokens(batch=2, length=3, d_model=4):
    return np.sin(np.arange(batch * length * d_model)).reshape(batch, length, d_model)
