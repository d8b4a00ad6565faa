"""The classes of a label that is one of several: which column of a model's answers is which of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import Job


def find_places(job: Job, model: Any) -> list[int]:
    """Which class each column of a model's answers is of. A model that does not say has all of them, in their order."""
    seen = getattr(model, "classes_", None)
    if seen is None or len(seen) == 0:
        return list(range(len(job.classes)))
    places = []
    for each in seen.tolist() if hasattr(seen, "tolist") else seen:
        if isinstance(each, str):
            if each not in job.classes:
                raise ValueError(f"the model was fitted on the class {each!r}, and the classes are {job.classes}")
            places.append(job.classes.index(each))
        elif int(each) == each and 0 <= each < len(job.classes):
            places.append(int(each))
        else:
            raise ValueError(f"the model was fitted on the label {each!r}, and labels go from 0 to {len(job.classes) - 1}")
    return places


def spread(answers: Any, places: list[int], count: int) -> Any:
    """A column for each class, 0 for one that the model has not seen. A single number for a row is that of the second of two."""
    import numpy

    answers = numpy.asarray(answers)
    if answers.ndim == 1 or answers.shape[1] == 1:
        answers = numpy.column_stack([1 - answers.reshape(-1), answers.reshape(-1)])
    if answers.shape[1] != len(places):
        raise ValueError(f"the model answers with {answers.shape[1]} numbers for a row, and {len(places)} classes are expected")
    columns = numpy.zeros((len(answers), count))
    columns[:, places] = answers
    return columns


def spreader(predict: Any, places: list[int], count: int) -> Any:
    return lambda rows: spread(predict(rows), places, count)
