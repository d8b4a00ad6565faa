"""Dimensions of a search space, as Steward describes them, and as Optuna has them. Of a choice both know the place among its values."""

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution


def make_distribution(dimension):
    kind = dimension["kind"]
    if kind == "choice":
        return CategoricalDistribution(tuple(range(dimension["size"])))
    low, high, log = dimension["low"], dimension["high"], dimension["log"]
    if kind == "float":
        return FloatDistribution(float(low), float(high), log=log)
    step = dimension["step"]
    # What lies beyond the last step is never drawn.
    return IntDistribution(low, low + (high - low) // step * step, log=log, step=step)


class Space:
    def __init__(self, dimensions):
        self._dimensions = dimensions
        self._distributions = {dimension["name"]: make_distribution(dimension) for dimension in dimensions}

    @property
    def is_conditional(self):
        return any("when" in dimension for dimension in self._dimensions)

    def draw(self, trial):
        """Draws each dimension that the ones before let be, in their order."""
        drawn = {}
        for dimension in self._dimensions:
            name, when = dimension["name"], dimension.get("when")
            if when is None or drawn.get(when["name"]) == when["is"]:
                distribution = self._distributions[name]
                drawn[name] = suggest(trial, name, distribution)
        return drawn

    def describe(self, params):
        """The parameters of a trial, and their distributions, as Optuna keeps them."""
        distributions = {name: self._distributions[name] for name in params}
        numbers = {name: float(value) if isinstance(distributions[name], FloatDistribution) else value for name, value in params.items()}
        return {"params": numbers, "distributions": distributions}


def suggest(trial, name, distribution):
    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(name, distribution.choices)
    if isinstance(distribution, FloatDistribution):
        return trial.suggest_float(name, distribution.low, distribution.high, log=distribution.log)
    return trial.suggest_int(name, distribution.low, distribution.high, step=distribution.step, log=distribution.log)
