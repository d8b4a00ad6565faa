"""Optuna's pruners, by what a study says of its own."""

from optuna.pruners import HyperbandPruner, MedianPruner, NopPruner, SuccessiveHalvingPruner


def make_pruner(pruner):
    kind = pruner["kind"]
    if kind == "median":
        return MedianPruner(n_startup_trials=pruner["startup"], n_warmup_steps=pruner["warmup"])
    if kind == "asha":
        return SuccessiveHalvingPruner(min_resource=pruner["minSteps"], reduction_factor=pruner["factor"])
    if kind == "hyperband":
        return HyperbandPruner(min_resource=pruner["minSteps"], max_resource=pruner["maxSteps"], reduction_factor=pruner["factor"])
    return NopPruner()
