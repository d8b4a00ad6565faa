"""Optuna's samplers, by name. Each is made for one question: its chance is that of the seed and of the trial's number, so that nothing
depends on what was asked before."""

from functools import lru_cache

import numpy
from optuna.samplers import CmaEsSampler, GPSampler, GridSampler, RandomSampler, TPESampler
from optuna.study import StudyDirection
from optuna.trial import create_trial

# Of fewer earlier trials the best one says where to begin, of as many a tenth says how they lie.
LEAST_SOURCES = 10


def make_sampler(study, number, space):
    name, seed = study["sampler"], derive_seed(study["seed"], number)
    if name == "tpe":
        # Parameters that only some trials have are drawn together with those that go with them.
        return TPESampler(seed=seed, group=space.is_conditional and len(study["directions"]) == 1)
    if name == "gp":
        return GPSampler(seed=seed, warn_independent_sampling=False)
    if name == "cma-es":
        return ReplayedCmaEs(seed)
    if name == "grid":
        # The order of the cells is the study's.
        return make_grid(study["cells"], derive_seed(study["seed"], 0))
    return RandomSampler(seed=seed)


def derive_seed(seed, number):
    return int(numpy.random.SeedSequence([seed % 2**64, number]).generate_state(1)[0])


@lru_cache(maxsize=1)
def make_grid(cells, seed):
    return GridSampler({"cell": list(range(cells))}, seed=seed)


class ReplayedCmaEs(CmaEsSampler):
    """CMA-ES whose state is computed from the completed trials, in the order of their numbers, rather than kept beside them.

    Each full generation of them is told in turn, and the next trial is drawn from what that gives. One trial at a time, that is what
    CmaEsSampler does; with several at a time, none is left out for having ended late.
    """

    def __init__(self, seed):
        super().__init__(seed=seed, warn_independent_sampling=False)
        self._space = {}
        self._direction = StudyDirection.MINIMIZE
        self._told = []

    def sample_relative(self, study, trial, search_space):
        self._space, self._direction = search_space, study.direction
        return super().sample_relative(study, trial, search_space)

    def _init_optimizer(self, trans, direction):
        sign = 1 if direction == StudyDirection.MINIMIZE else -1
        earlier, own = self._told
        if len(earlier) >= LEAST_SOURCES:
            self._source_trials = [reduce_trial(trial, trans._search_space) for trial in earlier]
        elif earlier:
            self._x0 = min(earlier, key=lambda trial: sign * trial.value).params
        optimizer = super()._init_optimizer(trans, direction)
        size = optimizer.population_size
        for start in range(0, len(own) - size + 1, size):
            generation = own[start : start + size]
            optimizer.tell([(trans.transform(trial.params), sign * trial.value) for trial in generation])
        return optimizer

    def _restore_optimizer(self, completed_trials):
        has_all = [trial for trial in completed_trials if self._space.keys() <= trial.params.keys()]
        earlier = [trial for trial in has_all if trial.user_attrs.get("earlier")]
        own = [trial for trial in has_all if not trial.user_attrs.get("earlier")]
        # The first trials of all were drawn from nothing.
        self._told = (earlier, own if earlier else own[self._n_startup_trials :])
        return None

    def _get_solution_trials(self, trials, generation):
        return []


def reduce_trial(trial, distributions):
    """A completed trial with those of its parameters alone that are searched together."""
    params = {name: trial.params[name] for name in distributions}
    return create_trial(value=trial.value, params=params, distributions=distributions)
