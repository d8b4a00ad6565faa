"""Whether a trial is given up: a function of what the others have reported and of what it has reported itself.

Optuna's pruners ask a study. They are shown one that has the reports of the first objective, and keeps nothing: what they would note on
a trial, the rungs that it has reached, follows from its reports, so that a sampler that was started anew knows it too.
"""

import optuna
from optuna.pruners import HyperbandPruner, SuccessiveHalvingPruner
from optuna.storages import InMemoryStorage
from optuna.trial import TrialState, create_trial
from pruners import make_pruner

STATES = {"completed": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}


class ShownTrials(InMemoryStorage):
    """Shows the trials it is given, and keeps no notes on them."""

    trials = ()

    def get_all_trials(self, study_id, deepcopy=True, states=None):
        return [trial for trial in self.trials if states is None or trial.state in states]

    def set_trial_system_attr(self, trial_id, key, value):
        pass


class Pruning:
    def __init__(self, study, earlier):
        """earlier: how many trials the sampling has before the study's own; here they count for nothing but the numbers."""
        self._earlier = earlier
        self._pruner = make_pruner(study["pruner"])
        self._shown = ShownTrials()
        self._study = optuna.create_study(
            storage=self._shown, study_name=study["identity"], direction=study["directions"][0], pruner=self._pruner
        )
        self._ended = {}

    def tell(self, trial):
        values = trial["values"][:1] or None
        shown = create_trial(state=STATES[trial["state"]], values=values if trial["state"] == "completed" else None)
        self._ended[trial["number"]] = self._report(shown, trial["number"], trial["intermediates"])

    def should_prune(self, number, running):
        others = {one["number"]: self._show(one) for one in running if one["number"] != number}
        asked = next(one for one in running if one["number"] == number)
        *before, last = asked["intermediates"]
        trial = self._show({**asked, "intermediates": before})
        trial.intermediate_values[last[0]] = last[1]
        shown = {**self._ended, **others, number: trial}
        # The pruners count the trial that they are asked of by themselves.
        self._shown.trials = [shown[each] for each in sorted(shown)]
        return bool(self._pruner.prune(self._study, trial))

    def _show(self, running):
        return self._report(create_trial(state=TrialState.RUNNING), running["number"], running["intermediates"])

    def _report(self, trial, number, intermediates):
        trial.number = self._earlier + number
        trial.intermediate_values = {step: value for step, value in intermediates}
        trial._system_attrs = self._find_rungs(trial, intermediates)
        return trial

    def _find_rungs(self, trial, intermediates):
        """The first report at or after each rung, as the pruners note it."""
        halving = self._find_halving(trial)
        if halving is None:
            return {}
        rungs = {}
        for step, value in intermediates:
            while step >= halving._min_resource * halving._reduction_factor ** (halving._min_early_stopping_rate + len(rungs)):
                rungs[f"completed_rung_{len(rungs)}"] = value
        return rungs

    def _find_halving(self, trial):
        if isinstance(self._pruner, SuccessiveHalvingPruner):
            return self._pruner
        if isinstance(self._pruner, HyperbandPruner):
            if not self._pruner._pruners:
                self._pruner._try_initialization(self._study)
            return self._pruner._pruners[self._pruner._get_bracket_id(self._study, trial)]
        return None
