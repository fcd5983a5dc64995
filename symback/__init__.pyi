"""The types of the public names. Written by ``pytest tests/test_public_names.py --update``; change the tables instead.

A function of the tables gives a Form of Forms, and a SymPy expression of SymPy expressions.
"""

from collections.abc import Sequence
from typing import TypeAlias, overload

from sympy import Expr

from symback import errors as errors
from symback import forms as forms
from symback import functions as functions
from symback import layers as layers
from symback.api import Derivation as Derivation
from symback.api import check_gradients as check_gradients
from symback.api import derive as derive
from symback.api import derive_function as derive_function
from symback.api import differentiate as differentiate
from symback.api import table as table
from symback.api import train as train
from symback.core.errors import DerivationError as DerivationError
from symback.core.errors import NetworkError as NetworkError
from symback.core.errors import PrintError as PrintError
from symback.core.errors import ReadError as ReadError
from symback.core.errors import ShapeError as ShapeError
from symback.core.errors import SymbackError as SymbackError
from symback.core.errors import ValueProblem as ValueProblem
from symback.core.forms import Form as Form
from symback.core.forms import dot as dot
from symback.core.forms import equal as equal
from symback.core.forms import matmul as matmul
from symback.core.forms import one_hot as one_hot
from symback.core.forms import outer as outer
from symback.core.forms import transpose as transpose
from symback.core.forms import where as where
from symback.marking import check_answer as check_answer
from symback.marking import check_backward as check_backward
from symback.marking import check_file as check_file
from symback.marking import check_text as check_text
from symback.networks.equations import network as network
from symback.networks.layers import mlp as mlp
from symback.networks.linear_algebra import cholesky as cholesky
from symback.networks.linear_algebra import det as det
from symback.networks.linear_algebra import diag as diag
from symback.networks.linear_algebra import eigh as eigh
from symback.networks.linear_algebra import eigvalsh as eigvalsh
from symback.networks.linear_algebra import inv as inv
from symback.networks.linear_algebra import kron as kron
from symback.networks.linear_algebra import logdet as logdet
from symback.networks.linear_algebra import lstsq as lstsq
from symback.networks.linear_algebra import matrix_exp as matrix_exp
from symback.networks.linear_algebra import matrix_power as matrix_power
from symback.networks.linear_algebra import norm as norm
from symback.networks.linear_algebra import pinv as pinv
from symback.networks.linear_algebra import qr as qr
from symback.networks.linear_algebra import slogdet as slogdet
from symback.networks.linear_algebra import solve as solve
from symback.networks.linear_algebra import svd as svd
from symback.networks.linear_algebra import svdvals as svdvals
from symback.networks.network import Finding as Finding
from symback.networks.network import Network as Network
from symback.networks.operators import max as max
from symback.networks.operators import mean as mean
from symback.networks.operators import min as min
from symback.networks.operators import sum as sum
from symback.page.notation import Notation as Notation
from symback.readers import parse as parse
from symback.readers import read as read
from symback.run.optimization import optimizer as optimizer
from symback.run.optimization import schedule as schedule
from symback.tracer import trace as trace
from symback.tracer import tracing as tracing

__version__: str
_Value: TypeAlias = Form | float

@overload
def absolute(x: _Value) -> Form: ...
@overload
def absolute(x: Expr, /) -> Expr: ...
@overload
def airy_ai(x: _Value) -> Form: ...
@overload
def airy_ai(x: Expr, /) -> Expr: ...
@overload
def airy_ai_prime(x: _Value) -> Form: ...
@overload
def airy_ai_prime(x: Expr, /) -> Expr: ...
@overload
def airy_bi(x: _Value) -> Form: ...
@overload
def airy_bi(x: Expr, /) -> Expr: ...
@overload
def airy_bi_prime(x: _Value) -> Form: ...
@overload
def airy_bi_prime(x: Expr, /) -> Expr: ...
@overload
def arccos(x: _Value) -> Form: ...
@overload
def arccos(x: Expr, /) -> Expr: ...
@overload
def arccosh(x: _Value) -> Form: ...
@overload
def arccosh(x: Expr, /) -> Expr: ...
@overload
def arcsin(x: _Value) -> Form: ...
@overload
def arcsin(x: Expr, /) -> Expr: ...
@overload
def arcsinh(x: _Value) -> Form: ...
@overload
def arcsinh(x: Expr, /) -> Expr: ...
@overload
def arctan(x: _Value) -> Form: ...
@overload
def arctan(x: Expr, /) -> Expr: ...
@overload
def arctan2(y: _Value, x: _Value) -> Form: ...
@overload
def arctan2(y: Expr, x: Expr | float, /) -> Expr: ...
@overload
def arctanh(x: _Value) -> Form: ...
@overload
def arctanh(x: Expr, /) -> Expr: ...
@overload
def avg_pool1d(
    input: _Value,
    *,
    kernel_size: int | Sequence[int] | None = ...,
    stride: int | Sequence[int] | None = ...,
    padding: int | Sequence[int] = ...,
    ceil_mode: bool = ...,
    count_include_pad: bool = ...,
) -> Form: ...
@overload
def avg_pool1d(
    input: Expr,
    /,
    *,
    kernel_size: int | Sequence[int] | None = ...,
    stride: int | Sequence[int] | None = ...,
    padding: int | Sequence[int] = ...,
    ceil_mode: bool = ...,
    count_include_pad: bool = ...,
) -> Expr: ...
@overload
def avg_pool2d(
    input: _Value,
    *,
    kernel_size: int | Sequence[int] | None = ...,
    stride: int | Sequence[int] | None = ...,
    padding: int | Sequence[int] = ...,
    ceil_mode: bool = ...,
    count_include_pad: bool = ...,
) -> Form: ...
@overload
def avg_pool2d(
    input: Expr,
    /,
    *,
    kernel_size: int | Sequence[int] | None = ...,
    stride: int | Sequence[int] | None = ...,
    padding: int | Sequence[int] = ...,
    ceil_mode: bool = ...,
    count_include_pad: bool = ...,
) -> Expr: ...
@overload
def avg_pool3d(
    input: _Value,
    *,
    kernel_size: int | Sequence[int] | None = ...,
    stride: int | Sequence[int] | None = ...,
    padding: int | Sequence[int] = ...,
    ceil_mode: bool = ...,
    count_include_pad: bool = ...,
) -> Form: ...
@overload
def avg_pool3d(
    input: Expr,
    /,
    *,
    kernel_size: int | Sequence[int] | None = ...,
    stride: int | Sequence[int] | None = ...,
    padding: int | Sequence[int] = ...,
    ceil_mode: bool = ...,
    count_include_pad: bool = ...,
) -> Expr: ...
@overload
def batch_norm(
    input: _Value,
    running_mean: _Value | None = ...,
    running_var: _Value | None = ...,
    weight: _Value | None = ...,
    bias: _Value | None = ...,
    *,
    training: bool = ...,
    momentum: float = ...,
    eps: float = ...,
) -> Form: ...
@overload
def batch_norm(
    input: Expr,
    running_mean: Expr | float = ...,
    running_var: Expr | float = ...,
    weight: Expr | float = ...,
    bias: Expr | float = ...,
    /,
    *,
    training: bool = ...,
    momentum: float = ...,
    eps: float = ...,
) -> Expr: ...
@overload
def bce(
    prediction: _Value,
    target: _Value,
    weight: Form | float | None = ...,
    size_average: None = ...,
    reduce: None = ...,
    reduction: str = ...,
) -> Form: ...
@overload
def bce(
    prediction: Expr, target: Expr | float, /, *, weight: Form | float | None = ..., reduction: str = ...
) -> Expr: ...
@overload
def bce_with_logits(
    logits: _Value,
    target: _Value,
    weight: Form | float | None = ...,
    size_average: None = ...,
    reduce: None = ...,
    reduction: str = ...,
    pos_weight: Form | float | None = ...,
) -> Form: ...
@overload
def bce_with_logits(
    logits: Expr,
    target: Expr | float,
    /,
    *,
    weight: Form | float | None = ...,
    reduction: str = ...,
    pos_weight: Form | float | None = ...,
) -> Expr: ...
@overload
def bessel_i(n: _Value, x: _Value) -> Form: ...
@overload
def bessel_i(n: Expr, x: Expr | float, /) -> Expr: ...
@overload
def bessel_j(n: _Value, x: _Value) -> Form: ...
@overload
def bessel_j(n: Expr, x: Expr | float, /) -> Expr: ...
@overload
def bessel_k(n: _Value, x: _Value) -> Form: ...
@overload
def bessel_k(n: Expr, x: Expr | float, /) -> Expr: ...
@overload
def bessel_y(n: _Value, x: _Value) -> Form: ...
@overload
def bessel_y(n: Expr, x: Expr | float, /) -> Expr: ...
@overload
def bilinear(input1: _Value, input2: _Value, weight: _Value, bias: _Value | None = ...) -> Form: ...
@overload
def bilinear(input1: Expr, input2: Expr | float, weight: Expr | float, bias: Expr | float = ..., /) -> Expr: ...
@overload
def celu(x: _Value, alpha: _Value = ...) -> Form: ...
@overload
def celu(x: Expr, alpha: Expr | float = ..., /) -> Expr: ...
@overload
def clip(x: _Value, low: _Value, high: _Value) -> Form: ...
@overload
def clip(x: Expr, low: Expr | float, high: Expr | float, /) -> Expr: ...
@overload
def conv1d(
    input: _Value,
    weight: _Value,
    bias: _Value | None = ...,
    *,
    stride: int | Sequence[int] = ...,
    padding: int | str | Sequence[int] = ...,
    dilation: int | Sequence[int] = ...,
    groups: int = ...,
) -> Form: ...
@overload
def conv1d(
    input: Expr,
    weight: Expr | float,
    bias: Expr | float = ...,
    /,
    *,
    stride: int | Sequence[int] = ...,
    padding: int | str | Sequence[int] = ...,
    dilation: int | Sequence[int] = ...,
    groups: int = ...,
) -> Expr: ...
@overload
def conv2d(
    input: _Value,
    weight: _Value,
    bias: _Value | None = ...,
    *,
    stride: int | Sequence[int] = ...,
    padding: int | str | Sequence[int] = ...,
    dilation: int | Sequence[int] = ...,
    groups: int = ...,
) -> Form: ...
@overload
def conv2d(
    input: Expr,
    weight: Expr | float,
    bias: Expr | float = ...,
    /,
    *,
    stride: int | Sequence[int] = ...,
    padding: int | str | Sequence[int] = ...,
    dilation: int | Sequence[int] = ...,
    groups: int = ...,
) -> Expr: ...
@overload
def conv3d(
    input: _Value,
    weight: _Value,
    bias: _Value | None = ...,
    *,
    stride: int | Sequence[int] = ...,
    padding: int | str | Sequence[int] = ...,
    dilation: int | Sequence[int] = ...,
    groups: int = ...,
) -> Form: ...
@overload
def conv3d(
    input: Expr,
    weight: Expr | float,
    bias: Expr | float = ...,
    /,
    *,
    stride: int | Sequence[int] = ...,
    padding: int | str | Sequence[int] = ...,
    dilation: int | Sequence[int] = ...,
    groups: int = ...,
) -> Expr: ...
@overload
def conv_transpose1d(
    input: _Value,
    weight: _Value,
    bias: _Value | None = ...,
    *,
    stride: int | Sequence[int] = ...,
    padding: int | Sequence[int] = ...,
    output_padding: int | Sequence[int] = ...,
    groups: int = ...,
    dilation: int | Sequence[int] = ...,
) -> Form: ...
@overload
def conv_transpose1d(
    input: Expr,
    weight: Expr | float,
    bias: Expr | float = ...,
    /,
    *,
    stride: int | Sequence[int] = ...,
    padding: int | Sequence[int] = ...,
    output_padding: int | Sequence[int] = ...,
    groups: int = ...,
    dilation: int | Sequence[int] = ...,
) -> Expr: ...
@overload
def conv_transpose2d(
    input: _Value,
    weight: _Value,
    bias: _Value | None = ...,
    *,
    stride: int | Sequence[int] = ...,
    padding: int | Sequence[int] = ...,
    output_padding: int | Sequence[int] = ...,
    groups: int = ...,
    dilation: int | Sequence[int] = ...,
) -> Form: ...
@overload
def conv_transpose2d(
    input: Expr,
    weight: Expr | float,
    bias: Expr | float = ...,
    /,
    *,
    stride: int | Sequence[int] = ...,
    padding: int | Sequence[int] = ...,
    output_padding: int | Sequence[int] = ...,
    groups: int = ...,
    dilation: int | Sequence[int] = ...,
) -> Expr: ...
@overload
def conv_transpose3d(
    input: _Value,
    weight: _Value,
    bias: _Value | None = ...,
    *,
    stride: int | Sequence[int] = ...,
    padding: int | Sequence[int] = ...,
    output_padding: int | Sequence[int] = ...,
    groups: int = ...,
    dilation: int | Sequence[int] = ...,
) -> Form: ...
@overload
def conv_transpose3d(
    input: Expr,
    weight: Expr | float,
    bias: Expr | float = ...,
    /,
    *,
    stride: int | Sequence[int] = ...,
    padding: int | Sequence[int] = ...,
    output_padding: int | Sequence[int] = ...,
    groups: int = ...,
    dilation: int | Sequence[int] = ...,
) -> Expr: ...
@overload
def cos(x: _Value, /) -> Form: ...
@overload
def cos(x: Expr, /) -> Expr: ...
@overload
def cosine_embedding(
    first: _Value,
    second: _Value,
    target: _Value,
    margin: Form | float = ...,
    size_average: None = ...,
    reduce: None = ...,
    reduction: str = ...,
) -> Form: ...
@overload
def cosine_embedding(
    first: Expr, second: Expr | float, target: Expr | float, /, *, margin: Form | float = ..., reduction: str = ...
) -> Expr: ...
@overload
def cosine_integral(x: _Value) -> Form: ...
@overload
def cosine_integral(x: Expr, /) -> Expr: ...
@overload
def cross_entropy(
    logits: _Value,
    target: _Value,
    weight: Form | float | None = ...,
    size_average: None = ...,
    ignore_index: int | None = ...,
    reduce: None = ...,
    reduction: str = ...,
    label_smoothing: float = ...,
) -> Form: ...
@overload
def cross_entropy(
    logits: Expr,
    target: Expr | float,
    /,
    *,
    weight: Form | float | None = ...,
    ignore_index: int | None = ...,
    reduction: str = ...,
    label_smoothing: float = ...,
) -> Expr: ...
@overload
def digamma(x: _Value) -> Form: ...
@overload
def digamma(x: Expr, /) -> Expr: ...
@overload
def elliptic_e(x: _Value) -> Form: ...
@overload
def elliptic_e(x: Expr, /) -> Expr: ...
@overload
def elliptic_k(x: _Value) -> Form: ...
@overload
def elliptic_k(x: Expr, /) -> Expr: ...
@overload
def elu(x: _Value, alpha: _Value = ...) -> Form: ...
@overload
def elu(x: Expr, alpha: Expr | float = ..., /) -> Expr: ...
@overload
def embedding(input: _Value, weight: _Value) -> Form: ...
@overload
def embedding(input: Expr, weight: Expr | float, /) -> Expr: ...
@overload
def erf(x: _Value) -> Form: ...
@overload
def erf(x: Expr, /) -> Expr: ...
@overload
def erfc(x: _Value) -> Form: ...
@overload
def erfc(x: Expr, /) -> Expr: ...
@overload
def erfi(x: _Value) -> Form: ...
@overload
def erfi(x: Expr, /) -> Expr: ...
@overload
def erfinv(x: _Value) -> Form: ...
@overload
def erfinv(x: Expr, /) -> Expr: ...
@overload
def exp(x: _Value, /) -> Form: ...
@overload
def exp(x: Expr, /) -> Expr: ...
@overload
def exponential_integral(x: _Value) -> Form: ...
@overload
def exponential_integral(x: Expr, /) -> Expr: ...
@overload
def flatten(x: _Value, *, start_dim: int = ..., end_dim: int = ...) -> Form: ...
@overload
def flatten(x: Expr, /, *, start_dim: int = ..., end_dim: int = ...) -> Expr: ...
@overload
def fresnel_c(x: _Value) -> Form: ...
@overload
def fresnel_c(x: Expr, /) -> Expr: ...
@overload
def fresnel_s(x: _Value) -> Form: ...
@overload
def fresnel_s(x: Expr, /) -> Expr: ...
@overload
def gamma_function(x: _Value) -> Form: ...
@overload
def gamma_function(x: Expr, /) -> Expr: ...
@overload
def gaussian_nll(
    prediction: _Value, target: _Value, variance: _Value, full: bool = ..., eps: float = ..., reduction: str = ...
) -> Form: ...
@overload
def gaussian_nll(
    prediction: Expr,
    target: Expr | float,
    variance: Expr | float,
    /,
    *,
    full: bool = ...,
    eps: float = ...,
    reduction: str = ...,
) -> Expr: ...
@overload
def gelu(x: _Value, *, approximate: str = ...) -> Form: ...
@overload
def gelu(x: Expr, /, *, approximate: str = ...) -> Expr: ...
@overload
def gelu_tanh(x: _Value) -> Form: ...
@overload
def gelu_tanh(x: Expr, /) -> Expr: ...
@overload
def generalized_exponential_integral(n: _Value, x: _Value) -> Form: ...
@overload
def generalized_exponential_integral(n: Expr, x: Expr | float, /) -> Expr: ...
@overload
def glu(x: _Value, *, axis: int = ...) -> Form: ...
@overload
def glu(x: Expr, /, *, axis: int = ...) -> Expr: ...
@overload
def half_squared_error(prediction: _Value, target: _Value, reduction: str = ...) -> Form: ...
@overload
def half_squared_error(prediction: Expr, target: Expr | float, /, *, reduction: str = ...) -> Expr: ...
@overload
def hardshrink(x: _Value, lambda_: _Value = ...) -> Form: ...
@overload
def hardshrink(x: Expr, lambda_: Expr | float = ..., /) -> Expr: ...
@overload
def hardsigmoid(x: _Value) -> Form: ...
@overload
def hardsigmoid(x: Expr, /) -> Expr: ...
@overload
def hardswish(x: _Value) -> Form: ...
@overload
def hardswish(x: Expr, /) -> Expr: ...
@overload
def hardtanh(x: _Value, low: _Value = ..., high: _Value = ...) -> Form: ...
@overload
def hardtanh(x: Expr, low: Expr | float = ..., high: Expr | float = ..., /) -> Expr: ...
@overload
def hinge(prediction: _Value, target: _Value, reduction: str = ...) -> Form: ...
@overload
def hinge(prediction: Expr, target: Expr | float, /, *, reduction: str = ...) -> Expr: ...
@overload
def hinge_embedding(
    prediction: _Value,
    target: _Value,
    margin: Form | float = ...,
    size_average: None = ...,
    reduce: None = ...,
    reduction: str = ...,
) -> Form: ...
@overload
def hinge_embedding(
    prediction: Expr, target: Expr | float, /, *, margin: Form | float = ..., reduction: str = ...
) -> Expr: ...
@overload
def huber(
    prediction: _Value,
    target: _Value,
    reduction: str = ...,
    delta: Form | float = ...,
    weight: Form | float | None = ...,
) -> Form: ...
@overload
def huber(
    prediction: Expr,
    target: Expr | float,
    /,
    *,
    reduction: str = ...,
    delta: Form | float = ...,
    weight: Form | float | None = ...,
) -> Expr: ...
@overload
def hyperbolic_cosine_integral(x: _Value) -> Form: ...
@overload
def hyperbolic_cosine_integral(x: Expr, /) -> Expr: ...
@overload
def hyperbolic_sine_integral(x: _Value) -> Form: ...
@overload
def hyperbolic_sine_integral(x: Expr, /) -> Expr: ...
@overload
def kl_div(
    log_probabilities: _Value,
    target: _Value,
    size_average: None = ...,
    reduce: None = ...,
    reduction: str = ...,
    log_target: bool = ...,
) -> Form: ...
@overload
def kl_div(
    log_probabilities: Expr, target: Expr | float, /, *, reduction: str = ..., log_target: bool = ...
) -> Expr: ...
@overload
def l1(
    prediction: _Value,
    target: _Value,
    size_average: None = ...,
    reduce: None = ...,
    reduction: str = ...,
    weight: Form | float | None = ...,
) -> Form: ...
@overload
def l1(
    prediction: Expr, target: Expr | float, /, *, reduction: str = ..., weight: Form | float | None = ...
) -> Expr: ...
@overload
def lambert_w(x: _Value) -> Form: ...
@overload
def lambert_w(x: Expr, /) -> Expr: ...
@overload
def layer_norm(
    input: _Value,
    normalized_shape: int | Sequence[int] | None = ...,
    weight: _Value | None = ...,
    bias: _Value | None = ...,
    eps: float = ...,
) -> Form: ...
@overload
def layer_norm(
    input: Expr,
    weight: Expr | float = ...,
    bias: Expr | float = ...,
    /,
    *,
    normalized_shape: int | Sequence[int] | None = ...,
    eps: float = ...,
) -> Expr: ...
@overload
def leaky_relu(x: _Value, alpha: _Value = ...) -> Form: ...
@overload
def leaky_relu(x: Expr, alpha: Expr | float = ..., /) -> Expr: ...
@overload
def linear(input: _Value, weight: _Value, bias: _Value | None = ...) -> Form: ...
@overload
def linear(input: Expr, weight: Expr | float, bias: Expr | float = ..., /) -> Expr: ...
@overload
def log(x: _Value, /) -> Form: ...
@overload
def log(x: Expr, /) -> Expr: ...
@overload
def log_abs_gamma(x: _Value) -> Form: ...
@overload
def log_abs_gamma(x: Expr, /) -> Expr: ...
@overload
def log_cosh(x: _Value) -> Form: ...
@overload
def log_cosh(x: Expr, /) -> Expr: ...
@overload
def log_gamma(x: _Value) -> Form: ...
@overload
def log_gamma(x: Expr, /) -> Expr: ...
@overload
def log_sigmoid(x: _Value) -> Form: ...
@overload
def log_sigmoid(x: Expr, /) -> Expr: ...
@overload
def log_softmax(x: _Value, *, axis: int = ...) -> Form: ...
@overload
def log_softmax(x: Expr, /, *, axis: int = ...) -> Expr: ...
@overload
def logaddexp(u: _Value, v: _Value) -> Form: ...
@overload
def logaddexp(u: Expr, v: Expr | float, /) -> Expr: ...
@overload
def logsumexp(x: _Value, *, axis: int = ..., keepdims: bool = ...) -> Form: ...
@overload
def logsumexp(x: Expr, /, *, axis: int = ..., keepdims: bool = ...) -> Expr: ...
@overload
def margin_ranking(
    first: _Value,
    second: _Value,
    target: _Value,
    margin: Form | float = ...,
    size_average: None = ...,
    reduce: None = ...,
    reduction: str = ...,
) -> Form: ...
@overload
def margin_ranking(
    first: Expr, second: Expr | float, target: Expr | float, /, *, margin: Form | float = ..., reduction: str = ...
) -> Expr: ...
@overload
def max_pool1d(
    input: _Value,
    *,
    kernel_size: int | Sequence[int] | None = ...,
    stride: int | Sequence[int] | None = ...,
    padding: int | Sequence[int] = ...,
    dilation: int | Sequence[int] = ...,
    ceil_mode: bool = ...,
) -> Form: ...
@overload
def max_pool1d(
    input: Expr,
    /,
    *,
    kernel_size: int | Sequence[int] | None = ...,
    stride: int | Sequence[int] | None = ...,
    padding: int | Sequence[int] = ...,
    dilation: int | Sequence[int] = ...,
    ceil_mode: bool = ...,
) -> Expr: ...
@overload
def max_pool2d(
    input: _Value,
    *,
    kernel_size: int | Sequence[int] | None = ...,
    stride: int | Sequence[int] | None = ...,
    padding: int | Sequence[int] = ...,
    dilation: int | Sequence[int] = ...,
    ceil_mode: bool = ...,
) -> Form: ...
@overload
def max_pool2d(
    input: Expr,
    /,
    *,
    kernel_size: int | Sequence[int] | None = ...,
    stride: int | Sequence[int] | None = ...,
    padding: int | Sequence[int] = ...,
    dilation: int | Sequence[int] = ...,
    ceil_mode: bool = ...,
) -> Expr: ...
@overload
def max_pool3d(
    input: _Value,
    *,
    kernel_size: int | Sequence[int] | None = ...,
    stride: int | Sequence[int] | None = ...,
    padding: int | Sequence[int] = ...,
    dilation: int | Sequence[int] = ...,
    ceil_mode: bool = ...,
) -> Form: ...
@overload
def max_pool3d(
    input: Expr,
    /,
    *,
    kernel_size: int | Sequence[int] | None = ...,
    stride: int | Sequence[int] | None = ...,
    padding: int | Sequence[int] = ...,
    dilation: int | Sequence[int] = ...,
    ceil_mode: bool = ...,
) -> Expr: ...
@overload
def maximum(u: _Value, v: _Value) -> Form: ...
@overload
def maximum(u: Expr, v: Expr | float, /) -> Expr: ...
@overload
def minimum(u: _Value, v: _Value) -> Form: ...
@overload
def minimum(u: Expr, v: Expr | float, /) -> Expr: ...
@overload
def mish(x: _Value) -> Form: ...
@overload
def mish(x: Expr, /) -> Expr: ...
@overload
def mse(
    prediction: _Value,
    target: _Value,
    size_average: None = ...,
    reduce: None = ...,
    reduction: str = ...,
    weight: Form | float | None = ...,
) -> Form: ...
@overload
def mse(
    prediction: Expr, target: Expr | float, /, *, reduction: str = ..., weight: Form | float | None = ...
) -> Expr: ...
@overload
def multi_margin(
    scores: _Value,
    target: _Value,
    p: int = ...,
    margin: Form | float = ...,
    weight: Form | float | None = ...,
    size_average: None = ...,
    reduce: None = ...,
    reduction: str = ...,
) -> Form: ...
@overload
def multi_margin(
    scores: Expr,
    target: Expr | float,
    /,
    *,
    p: int = ...,
    margin: Form | float = ...,
    weight: Form | float | None = ...,
    reduction: str = ...,
) -> Expr: ...
@overload
def multilabel_margin(
    scores: _Value, target: _Value, size_average: None = ..., reduce: None = ..., reduction: str = ...
) -> Form: ...
@overload
def multilabel_margin(scores: Expr, target: Expr | float, /, *, reduction: str = ...) -> Expr: ...
@overload
def multilabel_soft_margin(
    prediction: _Value,
    target: _Value,
    weight: Form | float | None = ...,
    size_average: None = ...,
    reduce: None = ...,
    reduction: str = ...,
) -> Form: ...
@overload
def multilabel_soft_margin(
    prediction: Expr, target: Expr | float, /, *, weight: Form | float | None = ..., reduction: str = ...
) -> Expr: ...
@overload
def nll(
    log_probabilities: _Value,
    target: _Value,
    weight: Form | float | None = ...,
    size_average: None = ...,
    ignore_index: int | None = ...,
    reduce: None = ...,
    reduction: str = ...,
) -> Form: ...
@overload
def nll(
    log_probabilities: Expr,
    target: Expr | float,
    /,
    *,
    weight: Form | float | None = ...,
    ignore_index: int | None = ...,
    reduction: str = ...,
) -> Expr: ...
@overload
def normal_cdf(x: _Value) -> Form: ...
@overload
def normal_cdf(x: Expr, /) -> Expr: ...
@overload
def normal_density(x: _Value) -> Form: ...
@overload
def normal_density(x: Expr, /) -> Expr: ...
@overload
def pick(x: _Value, index: _Value) -> Form: ...
@overload
def pick(x: Expr, index: Expr | float, /) -> Expr: ...
@overload
def poisson_nll(
    prediction: _Value,
    target: _Value,
    log_input: bool = ...,
    full: bool = ...,
    size_average: None = ...,
    eps: float = ...,
    reduce: None = ...,
    reduction: str = ...,
) -> Form: ...
@overload
def poisson_nll(
    prediction: Expr,
    target: Expr | float,
    /,
    *,
    log_input: bool = ...,
    full: bool = ...,
    eps: float = ...,
    reduction: str = ...,
) -> Expr: ...
@overload
def polygamma(n: _Value, x: _Value) -> Form: ...
@overload
def polygamma(n: Expr, x: Expr | float, /) -> Expr: ...
@overload
def positive_part(x: _Value) -> Form: ...
@overload
def positive_part(x: Expr, /) -> Expr: ...
@overload
def prelu(x: _Value, a: _Value) -> Form: ...
@overload
def prelu(x: Expr, a: Expr | float, /) -> Expr: ...
@overload
def relu(x: _Value) -> Form: ...
@overload
def relu(x: Expr, /) -> Expr: ...
@overload
def relu6(x: _Value) -> Form: ...
@overload
def relu6(x: Expr, /) -> Expr: ...
@overload
def selu(x: _Value) -> Form: ...
@overload
def selu(x: Expr, /) -> Expr: ...
@overload
def sigmoid(x: _Value) -> Form: ...
@overload
def sigmoid(x: Expr, /) -> Expr: ...
@overload
def sign(x: _Value) -> Form: ...
@overload
def sign(x: Expr, /) -> Expr: ...
@overload
def silu(x: _Value) -> Form: ...
@overload
def silu(x: Expr, /) -> Expr: ...
@overload
def sin(x: _Value, /) -> Form: ...
@overload
def sin(x: Expr, /) -> Expr: ...
@overload
def sine_integral(x: _Value) -> Form: ...
@overload
def sine_integral(x: Expr, /) -> Expr: ...
@overload
def smooth_l1(
    prediction: _Value,
    target: _Value,
    size_average: None = ...,
    reduce: None = ...,
    reduction: str = ...,
    beta: Form | float = ...,
) -> Form: ...
@overload
def smooth_l1(prediction: Expr, target: Expr | float, /, *, reduction: str = ..., beta: Form | float = ...) -> Expr: ...
@overload
def soft_margin(
    prediction: _Value, target: _Value, size_average: None = ..., reduce: None = ..., reduction: str = ...
) -> Form: ...
@overload
def soft_margin(prediction: Expr, target: Expr | float, /, *, reduction: str = ...) -> Expr: ...
@overload
def softmax(x: _Value, *, axis: int = ...) -> Form: ...
@overload
def softmax(x: Expr, /, *, axis: int = ...) -> Expr: ...
@overload
def softmin(x: _Value, *, axis: int = ...) -> Form: ...
@overload
def softmin(x: Expr, /, *, axis: int = ...) -> Expr: ...
@overload
def softplus(x: _Value, *, beta: float = ..., threshold: float = ...) -> Form: ...
@overload
def softplus(x: Expr, /, *, beta: float = ..., threshold: float = ...) -> Expr: ...
@overload
def softplus_sum(x: _Value, *, axis: int = ..., keepdims: bool = ...) -> Form: ...
@overload
def softplus_sum(x: Expr, /, *, axis: int = ..., keepdims: bool = ...) -> Expr: ...
@overload
def softshrink(x: _Value, lambda_: _Value = ...) -> Form: ...
@overload
def softshrink(x: Expr, lambda_: Expr | float = ..., /) -> Expr: ...
@overload
def softsign(x: _Value) -> Form: ...
@overload
def softsign(x: Expr, /) -> Expr: ...
@overload
def sqrt(x: _Value, /) -> Form: ...
@overload
def sqrt(x: Expr, /) -> Expr: ...
@overload
def tanh(x: _Value) -> Form: ...
@overload
def tanh(x: Expr, /) -> Expr: ...
@overload
def tanhshrink(x: _Value) -> Form: ...
@overload
def tanhshrink(x: Expr, /) -> Expr: ...
@overload
def threshold(x: _Value, threshold: _Value, value: _Value) -> Form: ...
@overload
def threshold(x: Expr, threshold: Expr | float, value: Expr | float, /) -> Expr: ...
@overload
def triplet_margin(
    anchor: _Value,
    positive: _Value,
    negative: _Value,
    margin: Form | float = ...,
    p: float = ...,
    eps: float = ...,
    swap: bool = ...,
    size_average: None = ...,
    reduce: None = ...,
    reduction: str = ...,
) -> Form: ...
@overload
def triplet_margin(
    anchor: Expr,
    positive: Expr | float,
    negative: Expr | float,
    /,
    *,
    margin: Form | float = ...,
    p: float = ...,
    eps: float = ...,
    swap: bool = ...,
    reduction: str = ...,
) -> Expr: ...
@overload
def upper_gamma(a: _Value, x: _Value) -> Form: ...
@overload
def upper_gamma(a: Expr, x: Expr | float, /) -> Expr: ...

abs = absolute
acos = arccos
acosh = arccosh
asin = arcsin
asinh = arcsinh
atan = arctan
atan2 = arctan2
atanh = arctanh
binary_cross_entropy = bce
binary_cross_entropy_with_logits = bce_with_logits
clamp = clip
cosine_embedding_loss = cosine_embedding
expit = sigmoid
gaussian_nll_loss = gaussian_nll
hinge_embedding_loss = hinge_embedding
huber_loss = huber
l1_loss = l1
lgamma = log_abs_gamma
logsigmoid = log_sigmoid
margin_ranking_loss = margin_ranking
mse_loss = mse
multi_margin_loss = multi_margin
multilabel_margin_loss = multilabel_margin
multilabel_soft_margin_loss = multilabel_soft_margin
nll_loss = nll
poisson_nll_loss = poisson_nll
smooth_l1_loss = smooth_l1
soft_margin_loss = soft_margin
triplet_margin_loss = triplet_margin
