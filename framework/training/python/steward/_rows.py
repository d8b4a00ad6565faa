"""The rows of a split as the libraries have them: features as the model gets them, and the label.

Numbers and truths are 32-bit floats with NaN for what is missing; a category is its code, or -1 for a value that is missing
or not among the categories. The same numbers in every form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from . import Job


def read_pandas(job: Job, split: str) -> tuple[pandas.DataFrame, pandas.Series]:
    import pandas

    table = _read_table(job, split)
    names = [feature.name for feature in job.features]
    columns = {name: _to_numpy(job, table, name) for name in names}
    return pandas.DataFrame(columns, columns=names), pandas.Series(_read_label(job, table), name="label")


def read_arrow(job: Job, split: str) -> tuple[pyarrow.Table, pyarrow.Array]:
    import pyarrow

    table = _read_table(job, split)
    names = [feature.name for feature in job.features]
    columns = [pyarrow.array(_to_numpy(job, table, name), pyarrow.float32()) for name in names]
    return pyarrow.table(columns, names=names), pyarrow.array(_read_label(job, table))


def read_polars(job: Job, split: str) -> tuple[polars.DataFrame, polars.Series]:
    import polars

    names = [feature.name for feature in job.features]
    table = polars.read_parquet(job.inputs[split], columns=[*names, job.label])

    def encode(name: str, kind: str) -> Any:
        column = polars.col(name)
        if kind == "category":
            codes = {value: float(code) for code, value in enumerate(job.categories[name])}
            column = column.cast(polars.String).replace_strict(codes, default=-1.0, return_dtype=polars.Float32)
            return column.fill_null(-1.0)
        return column.cast(polars.Float32).fill_null(float("nan"))

    rows = table.select([encode(name, kind).alias(name) for name, kind in job.features])
    kind = polars.Int64 if job.task == "multiclass" else polars.Float64
    return rows, table.get_column(job.label).cast(kind).alias("label")


def _read_table(job: Job, split: str) -> Any:
    import pyarrow.parquet

    names = [feature.name for feature in job.features]
    return pyarrow.parquet.read_table(job.inputs[split], columns=[*names, job.label])


def _read_label(job: Job, table: Any) -> Any:
    """The labels as numbers: of several classes the index of each row's own, as the libraries count them."""
    import numpy

    kind = numpy.int64 if job.task == "multiclass" else numpy.float64
    return table.column(job.label).to_numpy(zero_copy_only=False).astype(kind)


def _to_numpy(job: Job, table: Any, name: str) -> Any:
    import numpy

    values = table.column(name)
    if name in job.categories:
        return _encode(values, job.categories[name])
    return values.to_numpy(zero_copy_only=False).astype(numpy.float32)


def _encode(values: Any, categories: list[str]) -> Any:
    """The codes of values: their index among the categories, or -1 for one that is missing or not among them."""
    import numpy
    import pyarrow
    import pyarrow.compute

    codes = pyarrow.compute.index_in(values, value_set=pyarrow.array(categories, pyarrow.string()))
    return codes.fill_null(-1).to_numpy().astype(numpy.float32)
