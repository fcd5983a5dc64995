"""English words."""

WORDS = {
    "forward": "Forward pass",
    "loss": "Loss",
    "local": "Local derivatives",
    "backward": "Backward pass",
    "staged": "Backward pass, step by step",
    "full": "Chain rule from the loss",
    "update": "Update",
    "otherwise": "otherwise",
    "where": "Functions and their derivatives",
    "evaluated": "To be safe from overflow, code evaluates the same formula as:",
    "invented": "Named for the derivation: {names}.",
    "collapse": "The derivatives of {outer} and {inner} multiply out to one short form.",
    "one-hot": "Used: each row of {name} sums to 1 ({why}).",
    "probabilities": "Used: each row of {name} sums to 1 ({why}).",
    "kinks": "At the kink: {kinks}.",
    "spelled": "{name} is printed as spelled, since {symbol} stands for {owner}.",
}
