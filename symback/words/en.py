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
    "one-hot columns": "Used: each column of {name} sums to 1 ({why}).",
    "probabilities": "Used: each row of {name} sums to 1 ({why}).",
    "kinks": "At the kink: {kinks}.",
    "spelled": "{name} is printed as spelled, since {symbol} stands for {owner}.",
    "index": "Backward pass, in index notation",
    "names": "Names",
    "part": "The share of {of} that comes through {through}:",
    "sum of parts": "The shares together:",
    "why transpose left": "Why the transpose of {name}: the sum runs over the first index of {name}, "
                          "but a matrix product sums over the second index of its left factor.",
    "why transpose right": "Why the transpose of {name}: the sum runs over the second index of {name}, "
                           "but a matrix product sums over the first index of its right factor.",
    "why sum rows": "Why a sum over the rows: every row of {through} uses the same {of}, which collects what all of "
                    "them pass back.",
    "why sum columns": "Why a sum over the columns: every column of {through} uses the same {of}, which collects what "
                       "all of them pass back.",
    "why sum": "Why a sum: each entry of {of} is used by several entries of {through}, whose parts are added.",
    "why product": "Why a matrix product: each entry of {of} reaches the loss through several entries of {through}; "
                   "their parts are products, added up.",
    "why entrywise": "Why {sign}: each entry of {through} depends only on the entry of {of} at the same place, "
                     "so nothing is left to add.",
    "one row": "for one row ({size} = 1) the sum over the batch has one term",
    "row of batch": "One row of the batch is written out; with {size} rows the loss and every gradient collect "
                    "all of them.",
    "entries stated": "The {count} entries stand for the arrays of the network.",
    "data": "data", "target": "target", "classes": "class indices", "weight": "weight", "bias": "bias",
    "parameter": "parameter", "pre-activation": "pre-activation", "activation": "activation",
    "value": "intermediate value", "loss value": "loss", "error": "derivative of the loss", "number": "number",
    "number of rows": "size",
    "short for": "{short} is short for {long}, for every name.",
}
