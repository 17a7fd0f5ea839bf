"""The checked settings, and what rules look up in them."""

from workflow.lib.batches import batches
from workflow.lib.digest import source_digest
from workflow.lib.environment import let_scripts_import
from workflow.lib.experiments import Experiments, model_file
from workflow.lib.figures import Figures, measured
from workflow.lib.settings import checked_or_exit

let_scripts_import(workflow.basedir)
settings = checked_or_exit(config, " + ".join(map(str, workflow.configfiles)))
experiments = Experiments(settings["experiments"])
figures = Figures(settings["figures"], experiments)
