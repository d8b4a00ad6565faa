"""Fits a ridge regression to the rows of a Parquet file, and logs to MLflow what comes of it.

python train.py --train train.parquet --validation validation.parquet --alpha 1
"""

import argparse

import mlflow
import pandas
from mlflow.models import infer_signature
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error, root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--train", required=True)
parser.add_argument("--validation", required=True)
parser.add_argument("--alpha", type=float, default=1.0)
args = parser.parse_args()

X = pandas.read_parquet(args.train)
y = X.pop("rate")
held_X = pandas.read_parquet(args.validation)
held_y = held_X.pop("rate")

mlflow.set_experiment("unemployment")
with mlflow.start_run():
    mlflow.log_params(vars(args))
    model = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), Ridge(alpha=args.alpha))
    model.fit(X, y)
    answers = model.predict(held_X)
    mlflow.log_metric("rmse", root_mean_squared_error(held_y, answers))
    mlflow.log_metric("mae", mean_absolute_error(held_y, answers))
    mlflow.sklearn.log_model(
        model,
        name="model",
        signature=infer_signature(X, answers),
        skops_trusted_types=["numpy.dtype"],
    )
