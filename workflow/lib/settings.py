"""Check the configuration against its schema, fill in defaults, and say plainly what is wrong."""

from __future__ import annotations

import copy
import math
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from nftsim.errors import NftsimError, suggestion
from workflow.lib.consistency import inconsistencies
from workflow.lib.sweep_checks import sweep_faults
from workflow.lib.sweep_points import laid_over

#: Bounds of numbers in a schema, as a reader writes them.
BOUNDS = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}

#: Characters of a message.
LONGEST = 600

SCHEMA = Path(__file__).resolve().parents[1] / "schemas" / "config.schema.yaml"


def checked_or_exit(
    config: Mapping[str, Any], source: str, *, models: bool = True
) -> dict[str, Any]:
    """Return the checked configuration (see `checked`), or print what is wrong and exit with 2."""
    try:
        return checked(config, source, models=models)
    except NftsimError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


def checked(
    config: Mapping[str, Any], source: str = "config.yaml", *, models: bool = True
) -> dict[str, Any]:
    """Return a copy of the configuration with defaults filled in, without what is null.

    Parameters
    ----------
    config
        As Snakemake read it.
    source
        Name of the file, for messages.
    models
        Whether to try every value of a sweep on its model.

    Raises
    ------
    NftsimError
        If anything is wrong; one line for each fault.
    """
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    settings = _plain(config)
    faults = list(_not_finite(settings))
    for error in Draft202012Validator(schema).iter_errors(settings):
        faults.extend(_explain(error))
    if not faults:
        _fill(settings, schema, schema["$defs"])
        settings = _lower_traces(settings)
        _add_bases(settings, schema)
        faults.extend(inconsistencies(settings))
        if not faults:
            faults.extend(sweep_faults(settings, models=models))
        for part in ("experiments", "figures", "sweeps"):
            settings[part] = {
                name: item for name, item in settings[part].items() if item is not None
            }
    if faults:
        raise NftsimError("\n".join(f"{source}: {_line(fault)}" for fault in faults))
    return settings


def _line(fault: str) -> str:
    """Return a fault as one line that a terminal can show, whatever the file held."""
    line = "".join(c if c.isprintable() else "?" for c in fault)
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 2]} … {line[-LONGEST // 2 :]}"


def _plain(value: Any) -> Any:
    """Return a copy in dicts and lists; keys such as 2 become text, as in JSON."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _not_finite(value: Any, place: str = "") -> Iterator[str]:
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{place}: {value} is not a finite number."
    items = value.items() if isinstance(value, dict) else ()
    for key, item in enumerate(value) if isinstance(value, list) else items:
        yield from _not_finite(item, f"{place}.{key}" if place else str(key))


def _explain(error: ValidationError) -> Iterator[str]:
    place = ".".join(str(step) for step in error.absolute_path) or "top level"
    if error.validator == "required" and _misspelt(error):
        return  # the unknown key has a line of its own
    if error.validator == "additionalProperties" and error.validator_value is False:
        yield from (f"{place}: {text}" for text in _unknown_keys(error))
        return
    cause = best_match(error.context or []) or error
    if cause.validator == "required":
        yield f"{place}: {cause.message.split()[0]} is missing."
        return
    bound = BOUNDS.get(str(cause.validator))
    if bound:
        yield f"{place}: must be {bound} {cause.validator_value}, found {cause.instance}."
        return
    hint = " YAML takes it for text: write 0.001 or 1.0e-3." if _is_number(error.instance) else ""
    yield f"{place}: {cause.message}.{hint}"


def _misspelt(error: ValidationError) -> bool:
    """Return whether the missing key is there under a name that is close to it."""
    declared = list(error.schema.get("properties", {}))
    unknown = set(error.instance) - set(declared)
    meant = {suggestion(key, declared) for key in unknown} - {""}
    return any(error.message.startswith(hint.split()[-1].rstrip("?")) for hint in meant)


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[-+]?[0-9.]+[eE][-+]?[0-9]+", value))


def _unknown_keys(error: ValidationError) -> Iterator[str]:
    """Name the keys that a closed object does not know, with the nearest that it does."""
    allowed = list(error.schema.get("properties", {}))
    patterns = list(error.schema.get("patternProperties", {}))
    for key in error.instance:
        if key in allowed or any(re.search(pattern, key) for pattern in patterns):
            continue
        if allowed:
            hint = suggestion(key, allowed)
            yield f"unknown key '{key}'. Allowed: {', '.join(allowed)}.{hint}"
        else:
            yield (
                f"'{key}' cannot be a name: use up to 100 letters, digits, - and _, starting with "
                "a letter or digit ('figures' and 'sweeps' are taken)."
            )


def _fill(value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> None:
    """Put the schema's defaults where a key was left out."""
    if not isinstance(value, dict):
        return
    for key, declared in _resolved(schema, definitions).get("properties", {}).items():
        part = _resolved(declared, definitions)
        if key not in value and "default" in part:
            value[key] = copy.deepcopy(part["default"])
        _fill(value.get(key), part, definitions)
    for part in _resolved(schema, definitions).get("patternProperties", {}).values():
        for item in value.values():
            _fill(item, part, definitions)


def _add_bases(settings: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """Put the experiments of each sweep, as it changes them, into its ``bases``."""
    experiments, definitions = settings["experiments"], schema["$defs"]
    for sweep in settings["sweeps"].values():
        if sweep is None:
            continue
        names = sweep.get("experiments", ())
        bases = {name: experiments.get(name) for name in names}
        if "model" in sweep:
            bases[Path(sweep["model"]).stem] = {"model": sweep["model"]}
        sweep["bases"] = {n: laid_over(b, sweep) for n, b in bases.items() if b is not None}
        for base in sweep["bases"].values():
            _fill(base, definitions["experiment"], definitions)


def _lower_traces(value: Any, key: str = "") -> Any:
    """Return the settings with names of traces in lower case, as run files have them."""
    if key in ("trace", "traces"):
        return value.lower() if isinstance(value, str) else [name.lower() for name in value]
    if isinstance(value, dict):
        return {name: _lower_traces(item, name) for name, item in value.items()}
    return value


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    return schema if reference is None else {**definitions[reference.split("/")[-1]], **schema}
