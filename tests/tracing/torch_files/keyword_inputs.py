"""A classifier that is called as model(**batch) and returns an ordered output with its loss."""
from collections import OrderedDict
from typing import Dict, List, Optional

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class ModelOutput(OrderedDict):
    """A dictionary whose keys can be read as attributes."""

    def __getattr__(self, name):
        if name in self:
            return self[name]
        raise AttributeError(name)


class Config:
    def __init__(self, **kwargs):
        self.vocab_size = kwargs.pop("vocab_size", 10)
        self.hidden_size = kwargs.pop("hidden_size", 4)
        self.num_labels = kwargs.pop("num_labels", 2)
        self.initializer_range = kwargs.pop("initializer_range", 0.3)
        self.problem_type = kwargs.pop("problem_type", "single_label_classification")


class PreTrainedModel(nn.Module):
    def __init__(self, config, *inputs, **kwargs):
        super().__init__()
        self.config = config

    def post_init(self):
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                module.weight.data.normal_(mean=0.0, std=self.config.initializer_range)


class Encoder(PreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.token_type_embeddings = nn.Embedding(2, config.hidden_size)
        self.query = nn.Linear(config.hidden_size, config.hidden_size)
        self.key = nn.Linear(config.hidden_size, config.hidden_size)
        self.value = nn.Linear(config.hidden_size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=1e-12)

    def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, return_dict=True):
        if token_type_ids is None:
            token_type_ids = torch.zeros_like(input_ids)
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        extended = attention_mask[:, None, :].to(self.query.weight.dtype)
        extended = (1.0 - extended) * torch.finfo(extended.dtype).min
        hidden = self.word_embeddings(input_ids) + self.token_type_embeddings(token_type_ids)
        scores = torch.matmul(self.query(hidden), self.key(hidden).transpose(-1, -2))
        probs = nn.functional.softmax(scores / self.config.hidden_size ** 0.5 + extended, dim=-1)
        hidden = self.LayerNorm(torch.matmul(probs, self.value(hidden)) + hidden)
        if not return_dict:
            return (hidden,)
        return ModelOutput(last_hidden_state=hidden, attentions=probs)


class ForSequenceClassification(PreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.num_labels = config.num_labels
        self.encoder = Encoder(config)
        self.pooler = nn.Linear(config.hidden_size, config.hidden_size)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)
        self.post_init()

    def forward(self, input_ids: Optional[torch.Tensor] = None, attention_mask: Optional[torch.Tensor] = None,
                token_type_ids: Optional[torch.Tensor] = None, labels: Optional[torch.Tensor] = None):
        outputs = self.encoder(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        first = outputs.last_hidden_state[:, 0]
        logits = self.classifier(torch.tanh(self.pooler(first)))
        loss = None
        if labels is not None:
            if self.config.problem_type == "regression":
                loss = nn.MSELoss()(logits.squeeze(), labels.squeeze())
            else:
                loss = nn.CrossEntropyLoss()(logits.view(-1, self.num_labels), labels.view(-1))
        return ModelOutput(loss=loss, logits=logits)


class Reviews(Dataset):
    texts: List[str] = ["good film", "bad", "not bad film", "not good", "good good film", "bad film"]
    labels: List[int] = [1, 0, 1, 0, 1, 0]

    def __init__(self):
        words = sorted({w for t in self.texts for w in t.split()})
        self.vocab = {"[PAD]": 0, "[CLS]": 1, **{w: i + 2 for i, w in enumerate(words)}}

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, i):
        return {"input_ids": [1] + [self.vocab[w] for w in self.texts[i].split()], "label": self.labels[i]}


def collate(features: List[dict]) -> Dict[str, torch.Tensor]:
    longest = max(len(f["input_ids"]) for f in features)
    ids = [f["input_ids"] + [0] * (longest - len(f["input_ids"])) for f in features]
    mask = [[1] * len(f["input_ids"]) + [0] * (longest - len(f["input_ids"])) for f in features]
    return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask),
            "labels": torch.tensor([f["label"] for f in features])}


if __name__ == "__main__":
    torch.manual_seed(42)
    torch.set_default_dtype(torch.float64)
    dataset = Reviews()
    train_dataloader = DataLoader(dataset, shuffle=True, batch_size=3, collate_fn=collate)
    model = ForSequenceClassification(Config(vocab_size=len(dataset.vocab)))
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    device = torch.device("cuda") if torch.cuda.is_available() else torch.device("cpu")
    model.to(device)
    model.train()
    for epoch in range(2):
        for batch in train_dataloader:
            batch = {k: v.to(device) for k, v in batch.items()}
            outputs = model(**batch)
            loss = outputs.loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            print(f"epoch {epoch}: {loss.item():.4f}")
