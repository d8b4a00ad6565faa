"""Optuna alone: a study whose trials cost nothing, in the storage of an address, or in memory. Prints what a trial took, in seconds.

usage: optuna_postgres.py <address | memory> <sampler> <trials> <seed>
"""

import json
import sys
import time

import optuna

address, sampler, trials, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
optuna.logging.set_verbosity(optuna.logging.ERROR)
samplers = {"tpe": optuna.samplers.TPESampler, "random": optuna.samplers.RandomSampler}
study = optuna.create_study(
    storage=None if address == "memory" else optuna.storages.RDBStorage(address), sampler=samplers[sampler](seed=seed)
)
started = time.perf_counter()
for _ in range(trials):
    trial = study.ask()
    rate = trial.suggest_float("rate", 1e-4, 1, log=True)
    leaves = trial.suggest_int("leaves", 2, 256, log=True)
    boosting = trial.suggest_categorical("boosting", ["plain", "dart", "goss"])
    share = trial.suggest_float("share", 0.1, 1)
    study.tell(trial, rate + leaves / 100 + share + (boosting == "dart"))
print(json.dumps({"seconds": (time.perf_counter() - started) / trials}))
