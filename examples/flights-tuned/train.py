"""Fits gradient-boosted trees by the parameters of a trial, and reports how well they rank the validation rows as they grow."""

import lightgbm

import steward

ROUNDS_PER_REPORT = 10

job = steward.job()
X, y = job.train()
train = lightgbm.Dataset(X, y, free_raw_data=True)
validation = lightgbm.Dataset(*job.validation(), reference=train)
rounds = int(job.params["trees"])


def report(environment):
    done = environment.iteration + 1
    if done % ROUNDS_PER_REPORT == 0 or done == rounds:
        metrics = {name: value for _, name, value, _ in environment.evaluation_result_list}
        job.report(done, of=rounds, **metrics)


model = lightgbm.train(
    {
        "objective": "binary",
        "boosting": str(job.params["boosting"]),
        "drop_rate": float(job.params["drop"]),
        "metric": ["auc"],
        "num_leaves": int(job.params["leaves"]),
        "learning_rate": float(job.params["rate"]),
        "seed": job.seed,
        # The same rows, parameters and seed give the same trees on every machine of a kind.
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": job.cpu,
        "verbosity": -1,
    },
    train,
    num_boost_round=rounds,
    valid_sets=[validation],
    valid_names=["validation"],
    callbacks=[report],
)
job.save(model)
