"""Programs as people write them, and where their parameters, losses and own gradients stand.

Each file of ``tests/tracing/files`` is a whole program that runs for itself. A :class:`Case` names places in its text:
the line after which the parameters exist and nothing was computed from them yet, the line that binds the loss for the
first time, and, where the file has its own backward pass, the line after which its gradients can be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).with_suffix("")
"""The folder of the programs."""


@dataclass(frozen=True)
class Case:
    """One program: what it trains, and the first loss that it computes from it."""

    path: str
    """The file below :data:`FOLDER`."""
    parameters: Mapping[str, str]
    """A name for each trained parameter, and the expression that reads it after the line ``perturb``, in its scope.

    A name is that of the page where ``expected_names`` has it; others only tell the parameters of a file apart.
    """
    loss: str
    """The name that the file gives its loss; empty for the value of ``call``."""
    perturb: str
    """The one line, by a text that stands nowhere else, after which the parameters exist, before the forward pass.

    Another file of the program is named in front: ``"model.py: text"``. A loop's first line stands for the whole loop.
    """
    put: Mapping[str, str] = field(default_factory=dict)
    """The statement that changes a parameter where its expression cannot be assigned to, with ``{}`` for the new number."""
    stop: str = ""
    """The line that binds the loss of the first step; empty for the value of ``call``."""
    value: str = ""
    """The expression of the loss after the line ``stop``; empty for ``loss`` itself."""
    gradients: Mapping[str, str] = field(default_factory=dict)
    """The file's own gradients by the parameters' names, as expressions after the line ``backward``."""
    backward: str = ""
    """The line after which the gradients can be read."""
    close: float = 1e-6
    """How close the file's own gradients are to those of its loss."""
    needs: tuple[str, ...] = ()
    """The packages besides NumPy that the file imports."""
    call: str | None = None
    """The expression to evaluate in a file that only defines."""
    expected_names: tuple[str, ...] = ()
    """Names that the page must use: those that the file itself gives, once and without doubt."""
    notes: str = ""
    """What is special about the file."""

    @property
    def name(self) -> str:
        """The case's name: its path without the ending."""
        return self.path.rsplit(".", 1)[0]


def named(text: str, form: str = "{}") -> dict[str, str]:
    """Return expressions by name for names that differ in nothing else: ``named("W b", "self.{}")``."""
    return {name: form.format(name) for name in text.split()}


SCRIPTS = (
    Case(
        path="deep_scratch/ch05/train_neuralnet.py",
        parameters=named("W1 b1 W2 b2", "network.params['{}']"),
        loss="loss",
        perturb="network = TwoLayerNet(",
        stop="two_layer_net.py: return self.last_layer.forward(y, t)",
        value="self.last_layer.loss",
        gradients=named("W1 b1 W2 b2", "grad['{}']"),
        backward="grad = network.gradient(",
        close=1e-5,
        expected_names=("W1", "b1", "W2", "b2"),
        notes="a package beside the folder by sys.path.append(os.pardir), star imports, OrderedDict; the loss of the first "
        "step is computed inside gradient, the one that is named loss only after the update, of the same batch; "
        "the 1e-7 inside the logarithm is left out of the file's own gradients",
    ),
    Case(
        path="residual_states.py",
        parameters={"A": "A"},
        loss="loss",
        perturb="target = rng.normal(size=(steps, 3))",
        stop="grad = np.zeros_like(A)",
        gradients={"A": "grad"},
        backward="A -= 1e-4 * grad",
        expected_names=("A",),
        notes="h = h + ... continues a state and updates nothing; the loss is a running total of six hundred parts",
    ),
    Case(
        path="plain_lists.py",
        parameters={
            **{f"w{j}": f"weights[{j}]" for j in range(2)},
            "scale": "unit.scale",
            "offset": "unit.offset",
        },
        loss="loss",
        perturb="rate = 0.05",
        stop="loss = error ** 2",
        gradients={"w0": "d_weights[0]", "w1": "d_weights[1]", "scale": "d_scale", "offset": "d_offset"},
        backward="d_weights = [slope",
        expected_names=("scale", "offset"),
        notes="no NumPy and no imports: floats in a list and in attributes are changed one by one",
    ),
    Case(
        path="dataclass_numbers.py",
        parameters={k: f"model.{k}" for k in "abc"},
        loss="mse",
        perturb='velocity = {"a": 0.0',
        stop="mse = np.mean(residual ** 2)",
        gradients={k: f'grads["{k}"]' for k in "abc"},
        backward='"c": 2 * np.mean(residual),',
        expected_names=("a", "b", "c"),
        notes="floats as the defaults of a dataclass, stored by the __init__ that it generates, changed by setattr",
    ),
    Case(
        path="tuples_of_layers.py",
        parameters={"W1": "params[0][0]", "b1": "params[0][1]", "W2": "params[1][0]", "b2": "params[1][1]"},
        loss="loss",
        perturb="params = [layer(2, 5), layer(5, 1)]",
        stop="loss = np.mean((p - Y) ** 2)",
        gradients={"W1": "grads[0][0]", "b1": "grads[0][1]", "W2": "grads[1][0]", "b2": "grads[1][1]"},
        backward="grads = backward(params, kept, p - Y)",
        expected_names=("W1", "b1", "W2", "b2"),
        notes="a list of tuples that each step builds anew, as functional code does",
    ),
    Case(
        path="named_tuples.py",
        parameters={k: f"line.{k}" for k in ("slope", "offset")},
        loss="loss",
        perturb="line = Line(0.4, -0.2)",
        put={k: f"line = line._replace({k}={{}})" for k in ("slope", "offset")},
        stop="loss = np.sum(miss**2) / 2",
        gradients={"slope": "change[0]", "offset": "change[1]"},
        backward="change = (np.sum(miss * x), np.sum(miss))",
        expected_names=("slope", "offset"),
        notes="floats in a tuple with names, replaced as a whole",
    ),
    Case(
        path="plain_holders.py",
        parameters={"p0": "poly[0]", "p1": "poly[1]", "gain": "made.gain", "t0": "pair[0]", "t1": "pair[1]"},
        loss="loss",
        perturb="pair = (0.3, 1.1)",
        put={"t0": "pair = ({}, pair[1])", "t1": "pair = (pair[0], {})"},
        stop="loss = (out - 0.2) ** 2",
        gradients={"p0": "d[0]", "p1": "d[1]", "gain": "d[2]", "t0": "d[3]", "t1": "d[4]"},
        backward="d.append(slope",
        expected_names=("gain",),
        notes="no NumPy: floats in a deque, in a SimpleNamespace and in a plain tuple that is built anew",
    ),
    Case(
        path="dataclass_lists.py",
        parameters={"w0": "model.w[0]", "w1": "model.w[1]", "b": "model.b"},
        loss="loss",
        perturb="model = Parabola()",
        stop="rate = 0.01",
        gradients={"w0": "grad_w[0]", "w1": "grad_w[1]", "b": "grad_b"},
        backward="rate = 0.01",
        expected_names=("b",),
        notes="floats in a list that a generated __init__ stored",
    ),
    Case(
        path="value_engine.py",
        parameters={
            **{
                f"w_{i}_{j}_{k}": f"layers[{i}].neurons[{j}].w[{k}].data"
                for i, n, m in ((0, 2, 3), (1, 3, 1))
                for j in range(m)
                for k in range(n)
            },
            **{f"b_{i}_{j}": f"layers[{i}].neurons[{j}].b.data" for i, m in ((0, 3), (1, 1)) for j in range(m)},
        },
        loss="loss",
        perturb="parameters = [p for layer in layers",
        stop="loss = sum((yout - ygt) ** 2",
        value="loss.data",
        gradients={
            **{
                f"w_{i}_{j}_{k}": f"layers[{i}].neurons[{j}].w[{k}].grad"
                for i, n, m in ((0, 2, 3), (1, 3, 1))
                for j in range(m)
                for k in range(n)
            },
            **{f"b_{i}_{j}": f"layers[{i}].neurons[{j}].b.grad" for i, m in ((0, 3), (1, 1)) for j in range(m)},
        },
        backward="loss.backward()",
        notes="no NumPy at all: objects on Python floats, the standard library's random and math",
    ),
    Case(
        path="char_rnn.py",
        parameters=named("Wxh Whh Why bh by"),
        loss="loss",
        perturb="bh, by = np.zeros((H, 1)), np.zeros((V, 1))",
        stop="loss, grads, state = lossFun(",
        gradients={name: f"grads[{i}]" for i, name in enumerate(("Wxh", "Whh", "Why", "bh", "by"))},
        backward="loss, grads, state = lossFun(",
        expected_names=("Wxh", "Whh", "Why", "bh", "by"),
        notes="states in dictionaries by time, loss += in a loop, weights by a generator expression, the update "
        "through a loop over zip, while True; clipping of the gradients at 5 does not act in the first step",
    ),
    Case(
        path="lstm_scratch.py",
        parameters=named("Wf Wi Wc Wo bf bi bc bo v", "net.{}"),
        loss="loss",
        perturb="net = LSTM(1, 4)",
        stop="loss = 0.5 * (y - target) ** 2",
        gradients=named("Wf Wi Wc Wo bf bi bc bo v", "grads['{}']"),
        backward="grads = net.backward(y - target)",
        expected_names=("Wf", "Wi", "Wc", "Wo", "bf", "bi", "bc", "bo", "v"),
        notes="getattr by text in the update; a scalar loss that is a np.float64 of a dot product",
    ),
    Case(
        path="convnet_im2col.py",
        parameters={"conv.W": "conv.W", "conv.b": "conv.b", "W": "W", "b": "b"},
        loss="loss",
        perturb="b = np.zeros(3)",
        stop="loss = -np.log(probs[range(4), t]).mean()",
        gradients={"conv.W": "conv.dW", "conv.b": "conv.db", "W": "dW", "b": "db"},
        backward="conv.backward(da)",
        notes="two parameters are called W and two b: the page must tell them apart; im2col fills an array by strided slices; "
        "the pooling's places are found by argmax and used in the backward pass only",
    ),
    Case(
        path="attention_block.py",
        parameters=named("Wq Wk Wv Wo", "p['{}']"),
        loss="loss",
        perturb="mask = np.tril(",
        stop="loss = np.mean(diff ** 2)",
        gradients=named("Wq Wk Wv Wo", "grads['{}']"),
        backward="grads = backward(x, p, cache",
        expected_names=("Wq", "Wk", "Wv", "Wo"),
        notes="batched matmul, einsum, a causal mask by np.where, a residual",
    ),
    Case(
        path="batchnorm_dataclass.py",
        parameters={"W1": "W1", "gamma": "bn.gamma", "beta": "bn.beta", "W2": "W2", "b2": "b2"},
        loss="loss",
        perturb="b2 = np.zeros(1)",
        stop="loss = -np.mean(y * np.log(p)",
        gradients=named("W1 gamma beta W2 b2", "d{}"),
        backward="dW1 = X.T @ dz",
        expected_names=("W1", "W2", "b2", "gamma", "beta"),
        notes="dataclasses with annotations as text; running means are computed from the batch and do not enter the loss",
    ),
    Case(
        path="layernorm_residual.py",
        parameters={name: f"theta[{i}]" for i, name in enumerate(("W1", "b1", "W2", "b2", "gain", "shift"))},
        loss="cost",
        perturb="# shift",
        stop="cost, grad = step(theta)",
        gradients={name: f"grad[{i}]" for i, name in enumerate(("W1", "b1", "W2", "b2", "gain", "shift"))},
        backward="cost, grad = step(theta)",
        expected_names=("W1", "b1", "W2", "b2", "gain", "shift"),
        notes="the parameters are a list without names until a function unpacks it; the update makes a new list",
    ),
    Case(
        path="dropout_masks.py",
        parameters=named("W1 b1 W2 b2 W3 b3"),
        loss="cost",
        perturb="costs = []",
        stop="cost = np.sum((A3 - Y) ** 2) / (2 * m)",
        gradients=named("W1 b1 W2 b2 W3 b3", "d{}"),
        backward="db1 = np.sum(dZ1, axis=1, keepdims=True)",
        expected_names=("W1", "b1", "W2", "b2", "W3", "b3"),
        notes="inverted dropout with masks of truth values and of integers, columns as examples",
    ),
    Case(
        path="layer_list.py",
        parameters={f"{p}{i + 1}": f"layers[{2 * i}].{p}" for i in range(3) for p in "Wb"},
        loss="loss",
        perturb="criterion = CategoricalCrossentropy()",
        stop="loss = criterion.forward(out, y)",
        gradients={f"{p}{i + 1}": f"layers[{2 * i}].d{p}" for i in range(3) for p in "Wb"},
        backward="for layer in reversed(layers):",
        notes="three layers of one class; a Jacobian row by row in the backward pass, np.clip of probabilities",
    ),
    Case(
        path="leaky_inplace.py",
        parameters={
            f"{name}{i + 1}": f"{text}[{i}]" for i in range(3) for name, text in (("w", "weights"), ("b", "biases"))
        },
        loss="C",
        perturb="biases = [0.1 *",
        stop="C = (error ** 2).sum()",
        gradients={f"{name}{i + 1}": f"nabla_{name}[{i}]" for i in range(3) for name in "wb"},
        backward="for l in range(1, 4):",
        notes="z[z < 0] *= 0.1 on a copy; lists of weights and biases, updated through the loop's name",
    ),
    Case(
        path="out_buffers.py",
        parameters=named("E U c"),
        loss="loss",
        perturb="grad_E = np.zeros_like(E)",
        stop="loss = -np.log(logits[",
        gradients=named("E U c", "grad_{}"),
        backward="np.add.at(grad_E, docs,",
        expected_names=("E", "U", "c"),
        notes="the whole forward pass in buffers by out=; the softmax overwrites its logits; np.add.at in the backward pass",
    ),
    Case(
        path="argparse_mlp.py",
        parameters=named("W1 b1 W2 b2"),
        loss="loss",
        perturb="b2 = np.zeros(1)",
        stop="loss = np.mean(np.square(residual))",
        gradients=named("W1 b1 W2 b2", "g{}"),
        backward="gW1, gb1 = x.T @ gz, gz.sum(0)",
        expected_names=("W1", "b1", "W2", "b2"),
        notes="options with defaults, everything local to main()",
    ),
    Case(
        path="moons_sklearn.py",
        parameters=named("W1 b1 W2 b2"),
        loss="loss",
        perturb="b2 = np.zeros((1, 2))",
        stop="loss = 1. / n * data_loss",
        gradients=named("W1 b1 W2 b2", "d{} / n"),
        backward="db1 = delta2.sum(axis=0)",
        needs=("sklearn",),
        expected_names=("W1", "b1", "W2", "b2"),
        notes="data_loss += the penalty; delta3 = probs is an alias that is changed in place after the loss",
    ),
    Case(
        path="housing_pandas.py",
        parameters=named("theta intercept"),
        loss="cost",
        perturb="intercept = 0.0",
        stop="cost = mse + lam * (theta ** 2).sum()",
        gradients=named("theta intercept", "grad_{}"),
        backward="grad_intercept = 2 * errors.mean()",
        needs=("pandas",),
        expected_names=("theta", "intercept"),
        notes="the data come out of a data frame; the intercept is a Python float",
    ),
    Case(
        path="adam_minibatch.py",
        parameters=named("W1 b1 w2 b2"),
        loss="loss",
        perturb="opt = Adam(",
        stop="loss = np.mean(softplus(logit) - yb * logit)",
        gradients=named("W1 b1 w2 b2", "d{}"),
        backward="db1 = dz1.sum(axis=0)",
        expected_names=("W1", "b1", "w2", "b2"),
        notes="b2 is an array without dimensions; the optimizer holds the parameters in a list",
    ),
    Case(
        path="momentum_classes.py",
        parameters=named("W1 b1 W2 b2", "params['{}']"),
        loss="loss",
        perturb="params = copy.deepcopy(net)",
        stop="loss, grads = loss_and_grads(params)",
        gradients=named("W1 b1 W2 b2", "grads['{}']"),
        backward="loss, grads = loss_and_grads(params)",
        expected_names=("W1", "b1", "W2", "b2"),
        notes="the parameters are deep copies of a dictionary; the first of three optimizers is the first step",
    ),
    Case(
        path="adagrad_softmax.py",
        parameters=named("W", "clf.{}"),
        loss="loss",
        perturb="clf = SoftmaxRegression(5, 3)",
        stop="loss, dW = self.loss(X[pick], y[pick])",
        gradients={"W": "dW"},
        backward="loss, dW = self.loss(X[pick], y[pick])",
        expected_names=("W",),
        notes="f -= max in place, a penalty added by +=, a method called loss and a local of the same name",
    ),
    Case(
        path="weight_decay_while.py",
        parameters=named("w_hidden w_output bias_hidden bias_output"),
        loss="total_loss",
        perturb="bias_output = np.full(",
        stop="total_loss = mse + penalty",
        gradients=named("w_hidden w_output bias_hidden bias_output", "grad_{}"),
        backward="grad_bias_hidden = grad_hidden.sum(",
        expected_names=("w_hidden", "w_output", "bias_hidden", "bias_output"),
        notes="a while loop that ends by a tolerance",
    ),
    Case(
        path="loss_after_update.py",
        parameters=named("W b"),
        loss="cost",
        perturb="b = rng.randn() * 0.1",
        stop='print("cost before training:"',
        value="cost_function(W, b, X, y)",
        gradients=named("W b", "d{}"),
        backward="db = np.mean(p - y)",
        expected_names=("W", "b"),
        notes="the name cost is bound only after the update; the same function runs before it inside print",
    ),
    Case(
        path="closures_nested.py",
        parameters={
            f"{p}{i + 1}": f"layer{i + 1}.__closure__[{k}].cell_contents" for i in range(2) for k, p in enumerate("Wb")
        },
        loss="E",
        perturb="model = compose(layer1, elu(0.5), layer2)",
        stop="E = np.sum((Y - T) ** 2, axis=1).mean()",
        gradients={"W1": "pairs[2][1]", "b1": "pairs[3][1]", "W2": "pairs[0][1]", "b2": "pairs[1][1]"},
        backward="_, pairs = back(",
        notes="the parameters stand in closures only; two layers of one function",
    ),
    Case(
        path="activation_table.py",
        parameters={f"{p}{i}": f"params['{p}{i}']" for i in range(1, 5) for p in "Wb"},
        loss="cost",
        perturb="params = init(arch, seed=4)",
        stop="cost = loss_fn(Y_hat, Y)",
        gradients={f"{p}{i}": f"grads['d{p}{i}']" for i in range(1, 5) for p in "Wb"},
        backward="grads = full_backward(",
        expected_names=("W1", "b1", "W2", "b2", "W3", "b3", "W4", "b4"),
        notes="functions by name in dictionaries: lambda, functools.partial, a plain function, NumPy's own; keys by f-strings",
    ),
    Case(
        path="globals_script.py",
        parameters=named("W1 W2 b1 b2"),
        loss="loss",
        perturb="b2 = np.zeros((1, 1))",
        stop="loss = ((y - layer2) ** 2).sum() / 2",
        gradients={
            "W1": "-X.T.dot(layer1_delta)",
            "W2": "-layer1.T.dot(layer2_delta)",
            "b1": "-layer1_delta.sum(0)",
            "b2": "-layer2_delta.sum(0)",
        },
        backward="layer1_delta = layer1_error *",
        expected_names=("W1", "W2", "b1", "b2"),
        notes="everything global; updates by += of the negative gradient in a function; loss = 0 is bound before",
    ),
    Case(
        path="trainer_fit.py",
        parameters={
            f"{p}{i + 1}": f"self.model.{text}[{i}]"
            for i in range(3)
            for p, text in (("W", "weights"), ("b", "biases"))
        },
        loss="loss",
        perturb="stream = batches(",
        stop="loss, d = self._loss(pred, yb)",
        gradients={
            **{f"W{i + 1}": f"dWs[{i}] + self.l2 * self.model.weights[{i}]" for i in range(3)},
            **{f"b{i + 1}": f"dbs[{i}]" for i in range(3)},
        },
        backward="dWs, dbs = self.model.backward(d)",
        notes="an endless generator of batches; lists of weights, indexed in the update; the built-in sum over them",
    ),
    Case(
        path="einsum_kaiming.py",
        parameters=named("w_in b_in w_out b_out", "net.{}"),
        loss="loss",
        perturb="net = MLP(5, 7, 3, seed=1)",
        stop="loss: float = log_cosh(y - t)",
        gradients=named("w_in b_in w_out b_out", "g['{}']"),
        backward="g = net.grads(",
        expected_names=("w_in", "b_in", "w_out", "b_out"),
        notes="an annotated loss that went through float(); setattr of getattr minus the gradient",
    ),
    Case(
        path="gradient_check.py",
        parameters=named("W1 b1 W2 b2", "params['{}']"),
        loss="L",
        perturb="params = init_params()",
        stop="L = loss(params)",
        gradients=named("W1 b1 W2 b2", "grads['{}']"),
        backward="# analytic",
        expected_names=("W1", "b1", "W2", "b2"),
        notes="between the loss and the training the file changes every entry twice and puts it back, by np.nditer; "
        "in the training itself no loss is computed",
    ),
    Case(
        path="perceptron_margin.py",
        parameters=named("w_ b_", "self.{}"),
        loss="loss",
        perturb="self.losses_ = []",
        stop="loss = np.sum(np.maximum(0, -margins))",
        gradients={"w_": "grad_w", "b_": "grad_b"},
        backward="grad_b = -y[wrong].sum()",
        expected_names=("w_", "b_"),
        notes="b_ is a np.float64; the gradient goes by a mask of examples",
    ),
    Case(
        path="svm_hinge.py",
        parameters=named("W"),
        loss="loss",
        perturb="W = np.random.randn(5, 4) * 0.3",
        stop="loss, grad = svm_loss_vectorized(W, X_dev, y_dev, 0.000005)",
        gradients={"W": "grad"},
        backward="loss, grad = svm_loss_vectorized(W, X_dev, y_dev, 0.000005)",
        expected_names=("W",),
        notes="margins[range, y] = 0 in place; the first loss has another strength of the penalty than the training",
    ),
    Case(
        path="logistic_costs.py",
        parameters=named("w b"),
        loss="cost",
        perturb="shown_costs = []",
        stop="cost, gradients = forward_backward(w, b, x, y)",
        gradients={"w": "gradients['weight']", "b": "gradients['bias']"},
        backward="cost, gradients = forward_backward(w, b, x, y)",
        needs=("matplotlib",),
        expected_names=("w", "b"),
        notes="b = 0 is an integer; the loss of each example is called loss, its mean cost; pictures at the end",
    ),
    Case(
        path="linear_regression_scalar.py",
        parameters=named("m c"),
        loss="J",
        perturb="L = 0.1  # learning rate",
        stop="J = (1 / n) * sum((y - Y_pred) ** 2)",
        gradients=named("m c", "D_{}"),
        backward="D_c = (-2 / n) * sum(y - Y_pred)",
        expected_names=("m", "c"),
        notes="parameters are the integers 0; the built-in sum over an array; L is the rate, not the loss",
    ),
    Case(
        path="autoencoder_tied.py",
        parameters=named("W b_enc b_dec", "ae.{}"),
        loss="loss",
        perturb="ae = Autoencoder(16, 5)",
        stop="self.loss = bce + beta * kl",
        value="self.loss",
        gradients=named("W b_enc b_dec", "self.g{}"),
        backward="self.gb_enc, self.gb_dec =",
        expected_names=("W", "b_enc", "b_dec"),
        notes="one matrix is used twice; the loss is an attribute and the value of train_step; a file is written at the end",
    ),
    Case(
        path="skipgram_negative.py",
        parameters=named("W_in W_out"),
        loss="loss",
        perturb="W_out = np.random.uniform(",
        stop="loss = -(np.log(s_pos)",
        gradients={"W_in": "g_in", "W_out": "g_out"},
        backward="np.add.at(g_out, negative,",
        expected_names=("W_in", "W_out"),
        notes="rows picked by arrays of integers with repetitions, text, Counter and re, batches by array_split",
    ),
    Case(
        path="matrix_factorization.py",
        parameters=named("P Q b_u b_i", "mf.{}"),
        loss="obj",
        perturb="mf = MF(K=2",
        stop="obj = self.objective()",
        gradients=named("P Q b_u b_i", "g['{}']"),
        backward="g = self.gradients()",
        expected_names=("P", "Q", "b_u", "b_i"),
        notes="entries that are not known are left out by a mask of truth values; b_u and b_i start at 0, where the squared "
        "norm goes through the root",
    ),
    Case(
        path="rbf_network.py",
        parameters=named("centers log_sigma weights bias"),
        loss="sse",
        perturb="bias = 0.1",
        stop="sse = 0.5 * err.dot(err)",
        gradients=named("centers log_sigma weights bias", "grad_{}"),
        backward="grad_log_sigma = np.sum(",
        expected_names=("centers", "log_sigma", "weights", "bias"),
        notes="arrays of three dimensions by broadcasting; a float among the parameters",
    ),
    Case(
        path="gaussian_mixture.py",
        parameters=named("logits mu log_std", "params['{}']"),
        loss="nll",
        perturb="log_std=np.array([0.1, -0.1]),",
        stop="nll, grad = nll_and_grad(data, params)",
        gradients=named("logits mu log_std", "grad['{}']"),
        backward="nll, grad = nll_and_grad(data, params)",
        expected_names=("logits", "mu", "log_std"),
        notes="dict(...) of parameters, passed by **, made anew by a comprehension",
    ),
    Case(
        path="neural_ode.py",
        parameters=named("A B c"),
        loss="loss",
        perturb="c = np.random.randn(6) * 0.1",
        stop="loss = (miss ** 2).sum(axis=1).mean()",
        gradients=named("A B c", "g{}"),
        backward="gA, gB, gc = adjoint(",
        expected_names=("A", "B", "c"),
        notes="one cell ten times with the same weights; all three are updated in one tuple assignment",
    ),
    Case(
        path="reinforce_bandit.py",
        parameters=named("hidden action", "policy.theta['{}']"),
        loss="policy_loss",
        perturb="policy = Policy()",
        stop="policy_loss = -(np.log(taken)",
        gradients=named("hidden action", "grads['{}']"),
        backward="grads = {",
        notes="keys that are words; advantages of recorded episodes are data",
    ),
    Case(
        path="tinynn_spiral/run_spiral.py",
        parameters={
            "weight1": "net.modules[0].weight.value",
            "bias1": "net.modules[0].bias.value",
            "weight2": "net.modules[2].weight.value",
            "bias2": "net.modules[2].bias.value",
        },
        loss="loss",
        perturb="criterion = nn.SoftmaxCrossEntropy()",
        stop="loss = criterion(logits, y)",
        gradients={
            "weight1": "net.modules[0].weight.grad",
            "bias1": "net.modules[0].bias.grad",
            "weight2": "net.modules[2].weight.grad",
            "bias2": "net.modules[2].bias.grad",
        },
        backward="net.backward(criterion.backward())",
        notes="a package of the person's own with relative and star imports; np.asarray in the class Parameter; "
        "generators of parameters; a file is written at the end",
    ),
    Case(
        path="xor_steps.ipynb",
        parameters=named("w1 w2"),
        loss="loss",
        perturb="losses = []",
        stop="loss = -(1 / m) * np.sum(",
        gradients=named("w1 w2", "d{}"),
        backward="da2, dw2, dz1, dw1 = back_prop(",
        expected_names=("w1", "w2"),
        notes="cells that end in a value",
    ),
    Case(
        path="planar_dict.ipynb",
        parameters=named("W1 b1 W2 b2", "parameters['{}']"),
        loss="cost",
        perturb="parameters = initialize_parameters(X.shape[0]",
        stop="cost = compute_cost(A2, Y)",
        gradients=named("W1 b1 W2 b2", "grads['d{}']"),
        backward="grads = backward_propagation(",
        needs=("matplotlib",),
        expected_names=("W1", "b1", "W2", "b2"),
        notes="a cell tries the cost on other parameters before the training starts; float(np.squeeze(...)); %matplotlib; "
        "the update returns a new dictionary, some of it from deep copies",
    ),
    Case(
        path="digits_one_by_one.ipynb",
        parameters=named("weights_0_1 weights_1_2"),
        loss="error",
        perturb="weights_1_2 = 0.4 *",
        stop="error += np.sum(",
        gradients={
            "weights_0_1": "2 * layer_0.T.dot(layer_1_delta)",
            "weights_1_2": "2 * layer_1.T.dot(layer_2_delta)",
        },
        backward="layer_1_delta = layer_2_delta.dot(",
        expected_names=("weights_0_1", "weights_1_2"),
        notes="the error is added up over examples between which the weights change: the first step ends with the first "
        "example; the file's own deltas are half the gradients",
    ),
)
"""Programs that train when they are run."""

DEFINITIONS = (
    Case(
        path="definitions/two_layer_class.py",
        parameters=named("W1 b1 W2 b2", "self.params['{}']"),
        loss="",
        perturb="'b2': np.zeros(n_out),",
        call="Net(4, 5, 3).loss(np.arange(24).reshape(6, 4) / 24, np.eye(3)[[0, 1, 2, 2, 1, 0]])",
        expected_names=("W1", "b1", "W2", "b2"),
        notes="the data are literals in the call",
    ),
    Case(
        path="definitions/rnn_functions.py",
        parameters=named("Wx Wh b"),
        loss="",
        perturb="N, T, D = x.shape",
        call="sequence_loss(*example())",
        expected_names=("Wx", "Wh", "b"),
        notes="functions of weights; the states are written into an array step by step; x and h0 are data, which the file "
        "does not say: they may count as parameters too",
    ),
    Case(
        path="definitions/conv_naive.py",
        parameters={"filters": "self.conv.filters", "bias": "self.conv.bias", "dense": "self.dense"},
        loss="",
        perturb="self.dense = np.random.RandomState(4)",
        call="ConvNet().loss(picture(), 2)",
        expected_names=("filters", "bias", "dense"),
        notes="a generator of regions, arrays filled one place at a time, np.amax over two axes",
    ),
    Case(
        path="definitions/propagate_functions.py",
        parameters=named("w b"),
        loss="",
        perturb="m = X.shape[1]",
        call="propagate(*toy())[1]",
        expected_names=("w", "b"),
        notes="the loss is the second of two values; b is a float; X and Y are data, which the file does not say",
    ),
    Case(
        path="definitions/multi_head.py",
        parameters=named("W_q W_k W_v W_o", "self.{}"),
        loss="",
        perturb="self.W_o = rng",
        call="np.sum(MultiHeadAttention(4, 2).forward(tokens(), tokens(), tokens()) ** 2)",
        expected_names=("W_q", "W_k", "W_v", "W_o"),
        notes="the loss is made in the call",
    ),
    Case(
        path="definitions/gru_cell.py",
        parameters=named("Wz Uz bz Wr Ur br Wh Uh bh V", "self.{}"),
        loss="",
        perturb="self.V = gen",
        call="GRU(3, 4).loss(*sample_batch())",
        expected_names=("Wz", "Uz", "bz", "Wr", "Ur", "br", "Wh", "Uh", "bh", "V"),
        notes="weights by setattr; a sigmoid with both branches under np.where",
    ),
    Case(
        path="definitions/vae_elbo.py",
        parameters=named("enc_W enc_b mu_W mu_b lv_W lv_b dec_W dec_b out_W out_b", "self.{}"),
        loss="",
        perturb="self.out_W, self.out_b =",
        call="VAE(5, 2).elbo(load(), noise())",
        expected_names=("enc_W", "enc_b", "mu_W", "mu_b", "lv_W", "lv_b", "dec_W", "dec_b", "out_W", "out_b"),
        notes="the noise is an argument",
    ),
    Case(
        path="definitions/estimators.py",
        parameters={"coef_": "self.coef_"},
        loss="mse",
        perturb="self.errors_ = []",
        stop="mse = np.mean(0.5 * residual ** 2",
        gradients={"coef_": "slope"},
        backward="slope = residual.dot(A)",
        call="ElasticNet(0.3, ratio=0.4, max_iter=20).fit(*make_regression())",
        expected_names=("coef_",),
        notes="the call trains: the loss is a local of a method; the absolute value in the penalty",
    ),
)
"""Programs that only define; ``call`` makes a loss, or trains."""

FILES = (*SCRIPTS, *DEFINITIONS)
"""Every program."""
