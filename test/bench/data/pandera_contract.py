"""Holds a Parquet file against the bench's contract with pandera on pandas, and prints the seconds as JSON."""

import json
import sys
import time

import pandas
import pandera.pandas as pandera

values = {
    f"v{i}": pandera.Column(float, pandera.Check.in_range(-1000, 1000), nullable=False)
    for i in range(20)
}
schema = pandera.DataFrameSchema(
    {
        "id": pandera.Column(int, pandera.Check.ge(0), nullable=False),
        "at": pandera.Column("datetime64[us]", nullable=False),
        "count": pandera.Column(float, pandera.Check.in_range(0, 100), nullable=True, coerce=True),
        "code": pandera.Column(str, pandera.Check.str_length(3, 3), nullable=False),
        "kind": pandera.Column(str, pandera.Check.isin(["red", "green", "blue", "grey"]), nullable=False),
        **values,
    }
)

start = time.perf_counter()
rows = pandas.read_parquet(sys.argv[1])
failures = 0
try:
    schema.validate(rows, lazy=True)
except pandera.errors.SchemaErrors as error:
    failures = len(error.failure_cases)
print(json.dumps({"seconds": time.perf_counter() - start, "rows": len(rows), "failures": failures}))
