"""What linear theory says of a model, a ``.conf`` file or a model of the library.

The functions of `nftsim.theory`, which see models alone, under their own names.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from nftsim.model import Model, load_model
from nftsim.theory import branches as following
from nftsim.theory import cross, dispersion, evoked
from nftsim.theory import stability_map as mapping

P = ParamSpec("P")
Result = TypeVar("Result")


def _of_any(
    function: Callable[Concatenate[Model, P], Result],
) -> Callable[Concatenate[Model | str | Path, P], Result]:
    """Return a function of a model that takes the name of one, too."""

    @wraps(function)
    def answer(model: Model | str | Path, *args: P.args, **kwargs: P.kwargs) -> Result:
        found = model if isinstance(model, Model) else load_model(model)
        return function(found, *args, **kwargs)

    return answer  # type: ignore[return-value]  # also by keyword, which mypy cannot say


cross_spectrum = _of_any(cross.cross_spectrum)
transfer_function = _of_any(cross.transfer_function)
impulse_response = _of_any(evoked.impulse_response)
evoked_response = _of_any(evoked.evoked_response)
dispersion_relation = _of_any(dispersion.dispersion)
branches = _of_any(following.branches)
stability_map = _of_any(mapping.stability_map)
