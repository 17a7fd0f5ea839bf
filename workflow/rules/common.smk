"""The checked settings, and what rules look up in them."""

from workflow.lib.batches import batches
from workflow.lib.cutoff import take_over
from workflow.lib.digest import source_digest
from workflow.lib.environment import let_scripts_import
from workflow.lib.experiments import Experiments, model_file
from workflow.lib.figures import DIAGRAMS, Figures, measured, pictures
from workflow.lib.publishing import tidy
from workflow.lib.settings import checked_or_exit

let_scripts_import(workflow.basedir)
sources = " + ".join(map(str, workflow.configfiles))
settings = checked_or_exit(config, sources, models=workflow.is_main_process)
experiments = Experiments(settings["experiments"])
figures = Figures(settings["figures"], experiments)
take_over(workflow)


onsuccess:
    if workflow.is_main_process:
        tidy()
