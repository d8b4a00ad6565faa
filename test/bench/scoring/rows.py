"""The rows that are scored: two million by default, of thirty numbers, as a part of a dataset's version has them.

Takes the path of the Parquet file to write and how many rows.
"""

import sys

import numpy
import pyarrow
import pyarrow.parquet

WIDTH = 30
# As Steward writes parts.
GROUP_ROWS = 131_072

path, rows = sys.argv[1], int(sys.argv[2])
random = numpy.random.default_rng(11)
schema = pyarrow.schema([(f"f{column}", pyarrow.float64()) for column in range(WIDTH)])
with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
    for first in range(0, rows, GROUP_ROWS):
        count = min(GROUP_ROWS, rows - first)
        # As many decimals as the rows have that the model was trained on.
        values = numpy.round(random.standard_normal((WIDTH, count)), 4)
        writer.write_table(pyarrow.Table.from_arrays(list(map(pyarrow.array, values)), schema=schema), GROUP_ROWS)
