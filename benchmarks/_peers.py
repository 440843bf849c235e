"""Searches of other packages, as functions of a task, a seed and the number of evaluations.

Each uses the default settings of its package except for the seed and the number of evaluations, and conditional
parameters if the package supports them: Optuna defines the space while it runs, SMAC3 has the conditions of
ConfigSpace, and hyperopt has nested choices. Nevergrad, HEBO, scikit-optimize and GeneticPy get all parameters at once,
and their values for parameters that do not exist are ignored. They see the position of a choice, not its value.

sklearn-genetic-opt is left out: it scores whole generations of an estimator with its own cross-validation, so a
function could only be hidden in an artificial estimator.
"""

import tempfile
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import numpy as np


@dataclass(frozen=True)
class Method:
    """A search to compare: `search(task, seed, n)` returns the losses in the order of evaluation."""

    label: str
    search: Callable
    package: str | None = None  # its name for pip
    parallel: bool = False  # whether `search` takes `in_flight`, the number of evaluations pending


def in_turn(task, n, in_flight, ask, tell):
    """Keep several evaluations pending, finish the oldest first, and return the losses in that order.

    `ask` returns an object for `tell` and a configuration, or None if it needs a result first.
    """
    pending, losses, waits = deque(), [], False
    while len(losses) < n:
        while len(pending) < min(in_flight, n - len(losses)) and not waits:
            asked = ask()
            waits = asked is None
            if not waits:
                pending.append(asked)
        if not pending:
            break
        token, config = pending.popleft()
        losses.append(task(config))
        tell(token, losses[-1])
        waits = False
    return losses


def native(task, found):
    """Return a configuration in Python's own types, with values instead of positions for choices."""
    config = {}
    for p in task.params:
        if p.name not in found:
            continue
        if p.kind == "cat":
            config[p.name] = p.choices[int(found[p.name])]
        elif p.kind == "int":
            config[p.name] = int(np.clip(round(float(found[p.name])), p.low, p.high))
        else:
            config[p.name] = float(np.clip(found[p.name], p.low, p.high))
    return config


def children(params, parent, value):
    """Return the parameters that exist if their parent has the value."""
    return [p for p in params if p.when is not None and p.when[0] == parent.name and value in p.when[1]]


def optuna_trials(task, seed, sampler, of_study=None, **options):
    """Return functions that ask a study of Optuna for a trial with its configuration, and tell it a score."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=getattr(optuna.samplers, sampler)(seed=seed, **options), **(of_study or {}))

    def ask():
        trial = study.ask()
        config = {}
        for p in task.params:
            if not p.exists(config):
                continue
            if p.kind == "cat":
                config[p.name] = trial.suggest_categorical(p.name, list(p.choices))
            elif p.kind == "int":
                config[p.name] = trial.suggest_int(p.name, int(p.low), int(p.high), log=p.log)
            else:
                config[p.name] = trial.suggest_float(p.name, p.low, p.high, log=p.log)
        return trial, config

    return ask, study.tell


def optuna_search(task, seed, n, sampler, in_flight=1, **options):
    return in_turn(task, n, in_flight, *optuna_trials(task, seed, sampler, **options))


def tpe_search(task, seed, n, in_flight=1):
    options = {"constant_liar": True} if in_flight > 1 else {}
    return optuna_search(task, seed, n, "TPESampler", in_flight, **options)


def smac_search(task, seed, n):
    import ConfigSpace as cs
    from smac import HyperparameterOptimizationFacade, Scenario

    space, parameters = cs.ConfigurationSpace(seed=seed), {}
    for p in task.params:
        if p.kind == "cat":
            made = cs.CategoricalHyperparameter(p.name, [str(i) for i in range(len(p.choices))])
        elif p.kind == "int":
            made = cs.UniformIntegerHyperparameter(p.name, int(p.low), int(p.high), log=p.log)
        else:
            made = cs.UniformFloatHyperparameter(p.name, p.low, p.high, log=p.log)
        parameters[p.name] = made
        space.add(made)
    for p in task.params:
        if p.when is not None:
            parent = next(other for other in task.params if other.name == p.when[0])
            values = [str(parent.choices.index(v)) if parent.kind == "cat" else v for v in p.when[1]]
            space.add(cs.InCondition(parameters[p.name], parameters[parent.name], values))
    losses = []

    def evaluate(config, seed=0):
        losses.append(task(native(task, dict(config))))
        return losses[-1]

    with tempfile.TemporaryDirectory() as directory:
        scenario = Scenario(space, n_trials=n, seed=seed, deterministic=True, output_directory=directory)
        HyperparameterOptimizationFacade(scenario, evaluate, overwrite=True, logging_level=False).optimize()
    return losses


def hebo_search(task, seed, n):
    import torch
    from hebo.design_space.design_space import DesignSpace
    from hebo.optimizers.hebo import HEBO

    np.random.seed(seed)  # noqa: NPY002
    torch.manual_seed(seed)

    def described(p):
        if p.kind == "cat":
            return {"type": "cat", "categories": list(range(len(p.choices)))}
        kinds = {("int", False): "int", ("int", True): "pow_int", ("float", False): "num", ("float", True): "pow"}
        return {"type": kinds[p.kind, p.log], "lb": p.low, "ub": p.high}

    space = DesignSpace().parse([{"name": p.name, **described(p)} for p in task.params])
    optimizer = HEBO(space, scramble_seed=seed)

    def ask():
        suggested = optimizer.suggest()
        return suggested, native(task, suggested.iloc[0].to_dict())

    return in_turn(task, n, 1, ask, lambda suggested, loss: optimizer.observe(suggested, np.array([[loss]])))


def hyperopt_search(task, seed, n):
    from hyperopt import fmin, hp, tpe

    nodes = {}

    def node(p):
        """Return the same node for a parameter of several branches."""
        if p.name not in nodes:
            nodes[p.name] = made(p)
        return nodes[p.name]

    def made(p):
        values = p.choices if p.kind == "cat" else range(int(p.low), int(p.high) + 1)
        inside = [children(task.params, p, value) for value in values] if p.kind != "float" else []
        if p.kind == "cat" or any(inside):
            coded = range(len(values)) if p.kind == "cat" else values
            options = [
                {p.name: code, **{child.name: node(child) for child in found}} if found else code
                for code, found in zip(coded, inside, strict=True)
            ]
            return hp.choice(p.name, options)
        if p.kind == "int":
            if p.log:
                return hp.qloguniform(p.name, np.log(p.low - 0.5), np.log(p.high + 0.5), 1)
            return hp.uniformint(p.name, int(p.low), int(p.high))
        return hp.loguniform(p.name, np.log(p.low), np.log(p.high)) if p.log else hp.uniform(p.name, p.low, p.high)

    def flat(found):
        config = {}
        for name, value in found.items():
            config |= flat(value) if isinstance(value, dict) else {name: value}
        return config

    losses = []

    def evaluate(found):
        losses.append(task(native(task, flat(found))))
        return losses[-1]

    space = {p.name: node(p) for p in task.params if p.when is None}
    fmin(evaluate, space, tpe.suggest, n, rstate=np.random.default_rng(seed), verbose=False, show_progressbar=False)
    return losses


def nevergrad_search(task, seed, n, in_flight=1):
    import nevergrad as ng

    def made(p):
        if p.kind == "cat":
            return ng.p.Choice(list(range(len(p.choices))))
        number = (ng.p.Log if p.log else ng.p.Scalar)(lower=p.low, upper=p.high)
        return number.set_integer_casting() if p.kind == "int" else number

    space = ng.p.Dict(**{p.name: made(p) for p in task.params})
    space.random_state = np.random.RandomState(seed)
    optimizer = ng.optimizers.NGOpt(space, budget=n, num_workers=in_flight)

    def ask():
        candidate = optimizer.ask()
        return candidate, native(task, candidate.value)

    return in_turn(task, n, in_flight, ask, optimizer.tell)


def skopt_search(task, seed, n):
    from skopt import gp_minimize
    from skopt.space import Categorical, Integer, Real

    def made(p):
        if p.kind == "cat":
            return Categorical(list(range(len(p.choices))), name=p.name)
        prior = "log-uniform" if p.log else "uniform"
        if p.kind == "int":
            return Integer(int(p.low), int(p.high), prior=prior, name=p.name)
        return Real(p.low, p.high, prior=prior, name=p.name)

    losses = []

    def evaluate(values):
        losses.append(task(native(task, {p.name: value for p, value in zip(task.params, values, strict=True)})))
        return losses[-1]

    gp_minimize(evaluate, [made(p) for p in task.params], n_calls=n, random_state=seed)
    return losses


class BudgetSpentError(Exception):
    """Ends a search that counts its evaluations differently."""


def geneticpy_search(task, seed, n, **options):
    import geneticpy

    def made(p):
        if p.kind == "cat":
            return geneticpy.ChoiceDistribution(list(range(len(p.choices))))
        half = 0.5 if p.kind == "int" else 0.0
        scale = np.log if p.log else float  # it has no log-uniform distribution
        return geneticpy.UniformDistribution(float(scale(p.low - half)), float(scale(p.high + half)))

    losses = []

    def evaluate(found):
        if len(losses) == n:
            raise BudgetSpentError
        found = {p.name: np.exp(found[p.name]) if p.log else found[p.name] for p in task.params}
        losses.append(task(native(task, found)))
        return losses[-1]

    space = {p.name: made(p) for p in task.params}
    with suppress(BudgetSpentError):
        geneticpy.optimize(evaluate, space, generation_count=n, seed=seed, **options)
    return losses


PEERS = {
    "tpe": Method("Optuna TPESampler", tpe_search, "optuna", parallel=True),
    "gps": Method("Optuna GPSampler", partial(optuna_search, sampler="GPSampler"), "optuna", parallel=True),
    "cmaes": Method("Optuna CmaEsSampler", partial(optuna_search, sampler="CmaEsSampler"), "optuna", parallel=True),
    "smac": Method("SMAC3", smac_search, "smac"),
    "hebo": Method("HEBO", hebo_search, "HEBO"),
    "hyperopt": Method("hyperopt TPE", hyperopt_search, "hyperopt"),
    "nevergrad": Method("Nevergrad NGOpt", nevergrad_search, "nevergrad", parallel=True),
    "skopt": Method("scikit-optimize gp_minimize", skopt_search, "scikit-optimize"),
    "geneticpy": Method("GeneticPy", geneticpy_search, "geneticpy"),
    # Of a population of 100, the default, the first 100 evaluations are random.
    "geneticpy-20": Method("GeneticPy, size=20", partial(geneticpy_search, size=20), "geneticpy"),
}
