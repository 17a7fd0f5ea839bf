from nftsim import components as components
from nftsim.api import linear_spectrum as linear_spectrum
from nftsim.api import settled_states as settled_states
from nftsim.api import simulate as simulate
from nftsim.api import simulate_ensemble as simulate_ensemble
from nftsim.api import steady_states as steady_states
from nftsim.errors import NftsimError as NftsimError
from nftsim.io.convert import read_run as read_run
from nftsim.io.run import Run as Run
from nftsim.model import Connection as Connection
from nftsim.model import Model as Model
from nftsim.model import Output as Output
from nftsim.model import Population as Population
from nftsim.model import Trace as Trace
from nftsim.model import load_model as load_model
from nftsim.model import parse_model as parse_model
from nftsim.model import to_conf as to_conf
from nftsim.predictions import branches as branches
from nftsim.predictions import cross_spectrum as cross_spectrum
from nftsim.predictions import dispersion_relation as dispersion_relation
from nftsim.predictions import evoked_response as evoked_response
from nftsim.predictions import impulse_response as impulse_response
from nftsim.predictions import stability_map as stability_map
from nftsim.predictions import transfer_function as transfer_function

__version__: str
__all__: list[str]
