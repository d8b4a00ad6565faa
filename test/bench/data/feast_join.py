"""Joins features to a spine as of its times with Feast's file offline store, and prints the seconds as JSON.

The spine has `entity` and `at`; the features have `entity`, `at` and `f0` to `f4`.
"""

import datetime
import json
import pathlib
import sys
import tempfile
import time

import feast
import pandas
from feast.types import Float64, Int64

spine_file, feature_file = sys.argv[1:3]
with tempfile.TemporaryDirectory() as folder:
    settings = f"project: bench\nregistry: {folder}/registry.db\nprovider: local\noffline_store:\n  type: file\nonline_store:\n  type: sqlite\n  path: {folder}/online.db\n"
    pathlib.Path(folder, "feature_store.yaml").write_text(settings)
    store = feast.FeatureStore(repo_path=folder)
    entity = feast.Entity(name="entity", join_keys=["entity"], value_type=feast.ValueType.INT64)
    names = [f"f{i}" for i in range(5)]
    view = feast.FeatureView(
        name="view",
        entities=[entity],
        ttl=datetime.timedelta(days=36500),
        schema=[feast.Field(name="entity", dtype=Int64), *(feast.Field(name=name, dtype=Float64) for name in names)],
        source=feast.FileSource(path=feature_file, timestamp_field="at"),
    )
    store.apply([entity, view])
    start = time.perf_counter()
    spine = pandas.read_parquet(spine_file).rename(columns={"at": "event_timestamp"})
    joined = store.get_historical_features(spine, [f"view:{name}" for name in names]).to_df()
    seconds = time.perf_counter() - start
    found = joined[names].to_numpy()
    print(json.dumps({"seconds": seconds, "rows": len(joined), "checksum": float(pandas.DataFrame(found).sum().sum())}))
