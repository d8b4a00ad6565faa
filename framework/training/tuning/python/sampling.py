"""What is suggested for the next trial: a function of the study, of its trials, and of those that are under way.

The trials are kept in Optuna's memory, each in the place of its number, behind those of earlier studies. As long as the record goes on from
what is kept, it is carried on there; whenever it does not, all is built anew. Both give the same.
"""

import optuna
from optuna.storages import InMemoryStorage
from optuna.trial import TrialState, create_trial
from pruners import make_pruner
from samplers import make_sampler
from space import Space

STATES = {"completed": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}
# What stands in the place of a number that the record does not have.
ABSENT = {"params": {}, "state": "failed", "values": [], "intermediates": []}


class Memory(InMemoryStorage):
    """Keeps of a sampler's notes on a trial only the cell of the grid. Others would tell the next one what no record has: numbers
    that were drawn with a trial's and belong to parameters that it does not have."""

    def set_trial_system_attr(self, trial_id, key, value):
        if key in ("grid_id", "search_space"):
            super().set_trial_system_attr(trial_id, key, value)


class Sampling:
    def __init__(self, study, earlier):
        self._described = study
        self._space = Space(study["dimensions"])
        self._earlier = earlier
        self._ended = {}
        self._build()

    def tell(self, trial):
        self._ended[trial["number"]] = trial

    def ask(self, number, running):
        self._follow(number, running)
        self._study.sampler = make_sampler(self._described, number, self._space)
        trial = self._study.ask()
        drawn = self._space.draw(trial)
        self._placed.append({"params": drawn})
        return drawn

    def _build(self):
        self._storage = Memory()
        self._study = optuna.create_study(
            storage=self._storage,
            study_name=self._described["identity"],
            directions=self._described["directions"],
            pruner=make_pruner(self._described["pruner"]),
        )
        self._placed = []
        for trial in self._earlier:
            self._create(trial, earlier=True)

    def _follow(self, number, running):
        wanted = [ABSENT] * number
        for trial in running:
            wanted[trial["number"]] = {"params": trial["params"]}
        for each, trial in self._ended.items():
            wanted[each] = trial
        if not self._goes_on(wanted):
            self._build()
        for place, trial in enumerate(wanted):
            if place == len(self._placed):
                self._create(trial)
                self._placed.append(trial)
            elif self._placed[place] != trial:
                self._end(place, trial)

    def _goes_on(self, wanted):
        """Whether what is kept becomes what is wanted by ending trials and adding some."""
        if len(self._placed) > len(wanted):
            return False
        return all(
            kept == trial or ("state" not in kept and kept["params"] == trial["params"])
            for kept, trial in zip(self._placed, wanted)
        )

    def _create(self, trial, earlier=False):
        state = STATES[trial["state"]] if "state" in trial else TrialState.RUNNING
        created = create_trial(
            state=state,
            values=trial["values"] if state == TrialState.COMPLETE else None,
            intermediate_values=self._choose_reports(trial),
            user_attrs={"earlier": True} if earlier else {},
            **self._space.describe(trial["params"]),
        )
        self._storage.create_new_trial(self._study._study_id, template_trial=created)

    def _end(self, place, trial):
        kept = self._storage.get_trial_id_from_study_id_trial_number(self._study._study_id, len(self._earlier) + place)
        for step, value in self._choose_reports(trial).items():
            self._storage.set_trial_intermediate_value(kept, step, value)
        state = STATES[trial["state"]]
        self._storage.set_trial_state_values(kept, state, trial["values"] if state == TrialState.COMPLETE else None)
        self._placed[place] = trial

    def _choose_reports(self, trial):
        """The report that a sampler judges by: the last one of a trial that was given up. Of several objectives, none is reported."""
        if trial.get("state") != "pruned" or len(self._described["directions"]) > 1 or not trial["intermediates"]:
            return {}
        step, value = max(trial["intermediates"])
        return {step: value}
