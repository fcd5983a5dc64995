"""Training: updates of the parameters by an optimizer, on all the data or in batches, and what they did."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symback.core.display import to_text
from symback.core.errors import ValueProblem, nearest
from symback.core.forms import shape_text
from symback.core.frozen import frozen
from symback.derivation.record import Record
from symback.networks.network import list_names
from symback.run.codegen import generate
from symback.run.numeric import Value, check_values, compile_source, computed
from symback.run.optimization import PARAMETER, Optimizer, optimizer

BLOCK = 8192
"""Entries that are updated at a time: what one update computes on the way then stays in the cache."""

Progress = Callable[[int, int, float], None]


@dataclass(frozen=True, eq=False)
class State:
    """What an optimizer remembers: ``updates`` made so far, arrays by parameter and name, and single numbers by name."""

    updates: int = 0
    arrays: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    single: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """What training did.

    ``losses`` holds the loss before each update and, last, the loss after the final one; with batches there is one
    loss per update, that of its batch. ``parameters`` are the values at the end and ``state`` is what the optimizer
    remembers. ``stopped`` says why the run ended early, and is empty where it did not. ``watched`` holds the values
    that the names asked for had, one for each loss.
    """

    losses: tuple[float, ...]
    parameters: Mapping[str, Value]
    optimizer: Optimizer
    steps: int
    stopped: str = ""
    watched: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    state: State = field(default_factory=State)

    @property
    def learning_rate(self) -> float:
        """The learning rate at the start."""
        return self.optimizer.learning_rate

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        by = "" if self.optimizer.plain else f" of {self.optimizer.row.title}"
        text = f"{self.steps} step{'' if self.steps == 1 else 's'}{by} with learning rate {self.learning_rate:g}"
        if self.losses:
            first, last = (f"{loss + 0.0:.10g}" for loss in (self.losses[0], self.losses[-1]))
            text += f": loss {first} -> {last}"
        return f"{text}\nstopped: {self.stopped}" if self.stopped else text


def train(
    d: Any,
    values: Mapping[str, Value] | None = None,
    optimizer: Optimizer | str | float | None = None,
    steps: int | None = None,
    batches: Iterable[Any] | None = None,
    *,
    watch: Iterable[Any] = (),
    progress: Progress | None = None,
    resume: History | None = None,
) -> History:
    """Update the parameters of a derivation ``steps`` times and return what happened.

    ``values`` override those found in the network; they are never changed. ``optimizer`` is made by
    ``symback.optimizer`` (a name stands for its defaults, a number for gradient descent with that learning rate);
    its default and that of ``steps`` come from the code the network was read from. Each of ``batches`` is a dict of
    names, or a tuple of arrays in the order of the network's data; a list is used again from its start when it ends, an
    iterator that ends, ends the training. ``watch`` names values to keep from every step, ``progress(done, steps,
    loss)`` is called before each update. ``resume`` goes on from the end of another run:
    its parameters, what its optimizer remembers, and its place in the list of batches.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> w = net.parameter("w", value=3.0)
    >>> L = net.define("L", w**2 / 2)
    >>> history = sb.train(sb.derive(net), optimizer=sb.optimizer("sgd", learning_rate=0.5), steps=2)
    >>> history.losses, history.parameters["w"]
    ((4.5, 1.125, 0.28125), 0.75)

    The run stops at the first loss, gradient or parameter that is not finite, and ``stopped`` says which equation gave
    that value; what was computed until then is kept. Raises ValueProblem for values, batches or options that do not fit.
    """
    record: Record = getattr(d, "record", d)
    chosen = choose_optimizer(record, optimizer, resume)
    count = _count(record, steps)
    before = State() if resume is None else resume.state
    given = dict(values or {}) if resume is None else {**(values or {}), **resume.parameters}
    feed = _feed(record, batches, given, before.updates)
    first = next(feed, None)
    if first is None:
        raise ValueProblem("batches holds nothing to train on")
    ready = check_values(record, {**given, **first})
    _check_parameters(record, ready)
    kept = _watched(record, ready, watch)
    run = _Run(record, chosen, ready, before, forward=any(name not in ready for name in kept))

    def following() -> bool:
        """Use the next batch; False where there is none."""
        batch = next(feed, None)
        if batch is not None:
            run.use(check_values(record, {**given, **run.parameters(), **batch}))
        return batch is not None

    with np.errstate(all="ignore"):
        losses, done, stopped = _walk(run, count, kept, None if batches is None else following, progress)
        stopped = stopped or run.last_look(done)
    parameters = frozen(run.parameters())
    watched = frozen({name: tuple(history) for name, history in kept.items()})
    return History(tuple(losses), parameters, chosen, done, stopped, watched, run.state())


def _count(record: Record, steps: int | None) -> int:
    """Return the number of updates asked for, else that of the code, else 1."""
    count = record.network.steps if steps is None else steps
    if count is not None and count < 0:
        raise ValueProblem(f"the number of steps cannot be negative, got {count}")
    return 1 if count is None else count


def _watched(record: Record, ready: Mapping[str, Value], watch: Iterable[Any]) -> dict[str, list[Value]]:
    """Return a list for the values of every name that is to be watched."""
    kept: dict[str, list[Value]] = {str(getattr(name, "name", name)): [] for name in watch}
    own = {equation.name for equation in record.network.equations}
    unknown = [name for name in kept if name not in ready and name not in own]
    if unknown:
        raise ValueProblem(f"there is no {list_names(unknown)} to watch{nearest(unknown[0], {*ready, *own})}")
    return kept


def _walk(
    run: _Run,
    count: int,
    kept: Mapping[str, list[Value]],
    following: Callable[[], bool] | None,
    progress: Progress | None,
) -> tuple[list[float], int, str]:
    """Make up to ``count`` updates; return the losses, how many updates were made, and why the run ended early.

    ``following`` takes the next batch; without batches the loss after the last update is computed as well.
    """
    losses: list[float] = []
    done = 0
    while following is None or done < count:
        if done and following is not None and not following():
            return losses, done, f"the batches ended after {done} of {count} updates"
        loss, gradients, forward = run.compute()
        losses.append(float(loss))
        for name, history in kept.items():
            history.append(_kept(run.ready[name] if name in run.ready else forward[name]))
        if not math.isfinite(loss):
            return losses, done, run.broken(f"the loss is {loss}", done)
        if done == count:
            break
        wrong = run.take(gradients, done)
        if wrong:
            return losses, done, wrong
        if progress is not None:
            progress(done, count, losses[-1])
        run.update()
        done += 1
        wrong = run.last_look(done) if run.overflow else ""
        if wrong:
            return losses, done, wrong
    return losses, done, ""


def choose_optimizer(
    record: Record, given: Optimizer | str | float | None = None, resume: History | None = None
) -> Optimizer:
    """Return the optimizer meant: the one given, that of the run to go on from, or the one of the code."""
    if isinstance(given, Optimizer):
        return given
    if isinstance(given, str):
        return optimizer(given)
    if given is None:
        return default_optimizer(record) if resume is None else resume.optimizer
    if isinstance(given, bool) or not isinstance(given, (int, float, np.floating, np.integer)):
        raise ValueProblem(f"an optimizer is made by optimizer(name, ...), not {type(given).__name__}")
    return optimizer("sgd", learning_rate=float(given))


def default_optimizer(record: Record, learning_rate: float | None = None) -> Optimizer:
    """Return the optimizer of the code that was read, else gradient descent; ``learning_rate`` replaces its rate.

    Raises ValueProblem where neither knows a learning rate.
    """
    found = record.network.optimizer
    rate = record.network.learning_rate if learning_rate is None else learning_rate
    if found is not None:
        return optimizer(found[0], **{**found[1], **({} if learning_rate is None else {"learning_rate": rate})})
    if rate is None:
        raise ValueProblem("a learning rate is needed; the code this network was read from has none")
    return optimizer("sgd", learning_rate=float(rate))


def update(
    record: Record, given: Optimizer | str | float | None = None, values: Mapping[str, Value] | None = None
) -> dict[str, Value]:
    """Return the parameters after one update from the start."""
    ready = check_values(record, values)
    _check_parameters(record, ready)
    run = _Run(record, choose_optimizer(record, given), ready, State(), forward=False)
    with np.errstate(all="ignore"):
        run.take(run.compute()[1], 0)
        run.update()
    return run.parameters()


def _check_parameters(record: Record, ready: Mapping[str, Value]) -> None:
    outside = [name for name in record.wrt if name not in ready]
    if outside:
        verb = "is" if len(outside) == 1 else "are"
        raise ValueProblem(f"{list_names(outside)} {verb} computed by the network, and cannot be updated")


def _kept(value: Value) -> Value:
    # parameters change in place, and a forward value may be a view of one
    return np.array(value) if isinstance(value, np.ndarray) and value.ndim else float(value)


# --- batches ----------------------------------------------------------------------------------------------------------


def _feed(
    record: Record, batches: Iterable[Any] | None, given: Mapping[str, Value], start: int
) -> Iterator[Mapping[str, Value]]:
    """Yield the values of each batch by name; a collection is gone through again and again, from ``start``."""
    if batches is None:
        while True:
            yield {}
    if isinstance(batches, (Mapping, str, np.ndarray)) or not isinstance(batches, Iterable):
        raise ValueProblem(f"batches is a list or an iterator of batches, not {type(batches).__name__}")
    if isinstance(batches, Iterator):
        for batch in batches:
            yield _named(record, batch, given)
        return
    skip = start
    while True:
        seen = 0
        for batch in batches:
            seen += 1
            if skip:
                skip -= 1
                continue
            yield _named(record, batch, given)
        if not seen:
            return
        skip %= seen  # whole rounds of a run before need not be walked again


def _named(record: Record, batch: Any, given: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return a batch as values by name."""
    variables = [v for v in record.network.variables.values() if v.name not in record.wrt]
    data = [v.name for v in variables]
    if isinstance(batch, Mapping):
        wrong = [name for name in batch if name not in data]
        if wrong:
            what = "a parameter" if wrong[0] in record.wrt else "not a variable of this network"
            raise ValueProblem(f"a batch holds {wrong[0]}, which is {what}{nearest(str(wrong[0]), data)}")
        return {str(name): _array(value) for name, value in batch.items()}
    arrays = tuple(batch) if isinstance(batch, (tuple, list)) else (batch,)
    stored = record.network.values
    open_names = [name for name in data if name not in stored and name not in given]
    inputs = [v.name for v in variables if v.shape]
    for names in (data, open_names, inputs):
        if len(arrays) == len(names):
            return {name: _array(value) for name, value in zip(names, arrays, strict=True)}
    listed = ", ".join(f"{v.name} {shape_text(v.shape)}" for v in variables)
    raise ValueProblem(
        f"a batch holds {len(arrays)} array{'s' if len(arrays) > 1 else ''}, but the data are {listed}; "
        "give each batch as a dict of names"
    )


def _array(value: Any) -> Any:
    return value if isinstance(value, (np.ndarray, float, int)) else np.asarray(value)


# --- one run ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Group:
    """Parameters that lie one behind the other in one flat array: a large one alone, small ones together."""

    names: tuple[str, ...]
    ends: tuple[int, ...]
    flat: np.ndarray
    gradient: np.ndarray | None
    state: Mapping[str, np.ndarray]


def _blocks(flat: np.ndarray) -> list[np.ndarray]:
    return [flat[k : k + BLOCK] for k in range(0, flat.size, BLOCK)]


class _Run:
    """The parameters and the optimizer's state on their way through a run; both change in place."""

    def __init__(
        self, record: Record, chosen: Optimizer, ready: dict[str, Value], before: State, forward: bool
    ) -> None:
        self.record, self.optimizer, self.forward = record, chosen, forward
        generated = generate(record, everything=forward)
        self._run = compile_source(generated.source, generated.entry)
        self._args = generated.args
        self._step = compile_source(chosen.code(), "step")
        self._single = {a.target for a in chosen.assignments if a.kept and a.single}
        self._updates = before.updates
        self._shapes = {name: np.shape(ready[name]) for name in record.wrt}
        self.groups = self._laid_out(ready, before)
        self.ready: dict[str, Value] = {}
        self.use(ready)
        self._parameters = [b for group in self.groups for b in _blocks(group.flat)]
        self._state: dict[str, Any] = {
            name: float(before.single.get(name, start))
            if name in self._single
            else [b for group in self.groups for b in _blocks(group.state[name])]
            for name, start in chosen.state.items()
        }
        self._gradients: list[np.ndarray] = []
        self.overflow = False
        """True where a square of a gradient is beyond the largest float."""

    def _laid_out(self, ready: Mapping[str, Value], before: State) -> list[_Group]:
        members: dict[Any, list[str]] = {}
        for name in self.record.wrt:
            array = np.asarray(ready[name])
            members.setdefault(name if array.size >= BLOCK else array.dtype, []).append(name)
        groups = []
        for key, names in members.items():
            arrays = [np.asarray(ready[name]) for name in names]
            flat = np.concatenate([a.reshape(-1) for a in arrays])
            state = {}
            for label, start in self.optimizer.state.items():
                if label in self._single:
                    continue
                state[label] = np.full_like(flat, start)
                end = 0
                for name, array in zip(names, arrays, strict=True):
                    end += array.size
                    kept = before.arrays.get(name, {}).get(label)
                    if kept is not None:
                        state[label][end - array.size : end] = np.reshape(kept, -1)
            ends = tuple(int(e) for e in np.cumsum([a.size for a in arrays]))
            alone = isinstance(key, str)
            groups.append(_Group(tuple(names), ends, flat, None if alone else np.empty_like(flat), state))
        return groups

    def use(self, ready: Mapping[str, Value]) -> None:
        """Take other data, with the parameters as they are."""
        self.ready = dict(ready)
        self._numbers: list[tuple[str, np.ndarray, int]] = []
        for group in self.groups:
            begin = 0
            for name, end in zip(group.names, group.ends, strict=True):
                if self._shapes[name]:
                    self.ready[name] = group.flat[begin:end].reshape(self._shapes[name])
                else:
                    self._numbers.append((name, group.flat, begin))
                    self.ready[name] = group.flat[begin].item()
                begin = end

    def compute(self) -> tuple[float, Sequence[Value], Mapping[str, Value]]:
        """Return loss, gradients and, where they are asked for, forward values."""
        found = computed(self.record, self._run, [self.ready[name] for name in self._args])
        if self.forward:
            loss, values, adjoints = found
            return loss, [adjoints[name] for name in self.record.wrt], values
        loss, *gradients = found
        return loss, gradients, {}

    def take(self, gradients: Sequence[Value], done: int) -> str:
        """Lay the gradients out as the parameters are; return what is wrong with them."""
        by_name = dict(zip(self.record.wrt, gradients, strict=True))
        blocks: list[np.ndarray] = []
        total = 0.0
        for group in self.groups:
            flat = group.gradient
            if flat is None:
                flat = np.asarray(by_name[group.names[0]]).astype(group.flat.dtype, copy=False).reshape(-1)
            else:
                begin = 0
                for name, end in zip(group.names, group.ends, strict=True):
                    flat[begin:end] = np.reshape(by_name[name], -1)
                    begin = end
            total += float(np.vdot(flat, flat))  # faster than isfinite, which is asked where this overflows
            blocks += _blocks(flat)
        self._gradients = blocks
        self.overflow = not math.isfinite(total)
        if self.overflow:
            wrong = [name for name, gradient in by_name.items() if not np.all(np.isfinite(gradient))]
            if wrong:
                return self.broken(f"the gradient of {list_names(wrong)} is not finite", done)
        return ""

    def update(self) -> None:
        """Make one update with the gradients taken."""
        self._updates += 1
        self._step(self._updates, self._parameters, self._gradients, self._state)
        for name, flat, at in self._numbers:
            self.ready[name] = flat[at].item()

    def parameters(self) -> dict[str, Value]:
        """Return copies of the parameters as they are."""
        return {name: _kept(self.ready[name]) for name in self.record.wrt}

    def state(self) -> State:
        """Return a copy of what the optimizer remembers."""
        arrays: dict[str, dict[str, Value]] = {}
        for group in self.groups:
            begin = 0
            for name, end in zip(group.names, group.ends, strict=True):
                shape = self._shapes[name]
                parts = {label: flat[begin:end].copy().reshape(shape) for label, flat in group.state.items()}
                arrays[name] = {label: part if shape else part.item() for label, part in parts.items()}
                begin = end
        return State(self._updates, arrays, {label: float(self._state[label]) for label in self._single})

    # --- the first value that is not finite ---

    def broken(self, what: str, done: int) -> str:
        """Return what is not finite, and the first equation that gave such a value."""
        head = f"{what} after {done} update{'' if done == 1 else 's'}"
        hint = "; a smaller learning rate may help" if done else ""
        for name, value in self.ready.items():
            if name in self.record.wrt and not np.all(np.isfinite(value)):
                return (
                    f"{head}: {self._broken_update(name)}{hint}"
                    if done
                    else f"{head}: {_place(name, value)} at the start"
                )
        for name, value in self.ready.items():
            if not np.all(np.isfinite(value)):
                return f"{head}: {_place(name, value)}, which is data"
        generated = generate(self.record, everything=True)
        run = compile_source(generated.source, generated.entry)
        _, forward, adjoints = run(*(self.ready[name] for name in generated.args))
        for equation in self.record.network.equations:
            value = forward.get(equation.name, 0.0)
            if not np.all(np.isfinite(value)):
                return f"{head}: first {_place(f'{equation.name} = {equation.form}', value)}{hint}"
        for step in self.record.steps:
            value = adjoints.get(step.of, 0.0)
            if not np.all(np.isfinite(value)):
                return f"{head}: first ∂{self.record.network.loss}/∂{_place(f'{step.of} = {step.form}', value)}{hint}"
        return head + hint

    def _broken_update(self, name: str) -> str:
        """Return which line of the update gave the first value of ``name`` that is not finite."""
        kept = {**self.state().arrays[name], PARAMETER: self.ready[name]}
        lines = zip(self.optimizer.assignments, self.optimizer.displays(), strict=True)
        for a, (left, right) in lines:
            if a.target in kept and not np.all(np.isfinite(kept[a.target])):
                text = f"{to_text(left)} {to_text(right).strip()}"
                return f"first the update of {_place(name, kept[a.target], text)}"
        return _place(name, self.ready[name])

    def last_look(self, done: int) -> str:
        """Return what is not finite at the end although the loss is."""
        for group in self.groups:
            arrays = [group.flat, *(group.state.values() if self.overflow else ())]
            if all(np.isfinite(array).all() for array in arrays):
                continue
            for name in group.names:
                state = self.state().arrays[name].values() if self.overflow else ()
                if not all(np.all(np.isfinite(a)) for a in (self.ready[name], *state)):
                    text = f"{name} or its state is not finite after {done} update{'' if done == 1 else 's'}"
                    return f"{text}: {self._broken_update(name)}; a smaller learning rate may help"
        return ""


def _place(what: str, value: Value, by: str = "") -> str:
    """Return ``what`` with the first value that is not finite and where it stands."""
    array = np.asarray(value)
    place = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
    at = f" at [{', '.join(map(str, place))}]" if place else ""
    return (
        f"{what}{f' by {by}' if by else ''} gives {array[place]}{at}"
        if "=" in what or by
        else f"{what} is {array[place]}{at}"
    )
