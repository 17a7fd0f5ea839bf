"""From objects to a model: what a file says is what the model holds."""

from __future__ import annotations

import logging

import pytest

from nftsim.components import couplings, dendrites, firing, propagators, stimuli
from nftsim.errors import ModelError
from nftsim.model.keys import label
from nftsim.model.model import Output, Trace

from .conftest import Read


def test_the_whole_model(read: Read) -> None:
    model = read()
    assert (model.time, model.deltat, model.nodes, model.longside) == (0.02, 0.001, 16, None)
    assert model.header == "A small model\nwith two lines of header"
    assert model.name == "small.conf"
    cells, noise = model.populations
    assert (cells.name, cells.length, cells.q) == ("Excitatory cells", 0.5, 10.0)
    assert cells.firing == firing.Sigmoid(theta=0.013, sigma=0.0038, qmax=340.0)
    assert noise.stimuli == (stimuli.White(mean=1.0, asd=1e-4, onset=0.0),)
    assert not noise.neural
    first, second = model.connections
    assert (first.index, first.pre, first.post) == (1, 0, 0)
    assert (second.index, second.pre, second.post) == (2, 1, 0)
    assert first.propagator == propagators.Wave(tau=0.002, range=0.3, gamma=30.0)
    assert second.propagator == propagators.Map(tau=0.0)
    assert second.coupling == couplings.Map(nu=2e-4)
    assert first.dendrite == dendrites.SecondOrder(alpha=83.0, beta=769.0)
    traces = (Trace("pop", 1, "q"), Trace("pop", 1, "v"), Trace("propagator", 1, "phi"))
    assert model.output == Output(None, 0.0, 0.002, traces)


def test_rows_of_the_matrix_are_targets_and_columns_sources(read: Read) -> None:
    model = read(
        ("From: 1 2\nTo 1: 1 2", "From: 1 2\nTo 1: 2 1"),
    )
    assert [(c.index, c.pre, c.post) for c in model.connections] == [(1, 1, 0), (2, 0, 0)]


def test_every_item_remembers_its_line(read: Read) -> None:
    model = read()
    assert model.place("deltat") == "small.conf:4"
    assert model.place("population.1.length") == "small.conf:13"
    assert model.place("population.2.stimulus.1.asd") == "small.conf:21"
    assert model.place("propagator.1.gamma") == "small.conf:23"
    assert model.place("coupling.2.nonsense") == "small.conf:27"
    assert model.place("output.interval") == "small.conf:29"
    assert model.place("nonsense") == "small.conf"


def test_line_ends_of_other_systems(read: Read) -> None:
    assert read(("\n", "\r\n")) == read()
    assert read(("\n", "\r\n")).place("deltat") == "small.conf:4"


def test_superimposed_stimuli_in_order(read: Read) -> None:
    model = read(
        (
            "Stimulus: White -",
            "Stimulus: Superimpose: 2\n Stimulus: Const - Mean: 3\n Stimulus: White -",
        )
    )
    assert [type(s) for s in model.populations[1].stimuli] == [stimuli.Const, stimuli.White]
    assert model.populations[1].initial_rate == 3.0


def test_rectangles_and_values_per_node(read: Read) -> None:
    nu = " ".join(f"{i}e-4" for i in range(8))
    model = read(
        ("Nodes: 16", "Nodes: 8 Longside nodes: 4 Topology: Torus"), ("nu: 1e-4", f"nu: {nu}")
    )
    assert model.shape == (2, 4)
    assert model.connections[0].coupling.nu == tuple(float(n) for n in nu.split())


def test_trace_names_in_any_case_are_kept_in_lower_case(read: Read) -> None:
    model = read(("Population: 1\n", "Population: 1.Q 1.v 2.q 1.q\n"), ("1.phi", "1.PHI"))
    assert [str(t) for t in model.output.traces] == [
        "pop.1.q",
        "pop.1.v",
        "pop.2.q",
        "propagator.1.phi",
    ]
    assert model.parse_trace("Population.1.V") == [Trace("pop", 1, "v")]


@pytest.mark.parametrize("nodes", ["All", "all", ""])
def test_all_nodes_are_written_if_none_is_listed(read: Read, nodes: str) -> None:
    assert read(("Node: All", f"Node: {nodes}")).output.nodes is None


def test_a_firing_response_may_be_named_without_function(read: Read) -> None:
    assert read(("Firing: Function: Sigmoid", "Firing: Sigmoid -")) == read()


def test_bare_words_are_tolerated_with_file_and_line(
    read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        model = read(("nu: 1e-4", "nu: 1e-4 oldvalue 3e-4"), ("Start: 0", "Start: 0 .0"))
    assert model == read()
    assert [r.getMessage() for r in caplog.records] == [
        "small.conf:26: Coupling 1 (Map): nu: ignored 'oldvalue 3e-4'",
        "small.conf:29: Output: Start: ignored '.0'",
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("From: 1 2", "From: 2 1", 8, "'From:' must count the populations, 1 to 2"),
        ("From: 1 2", "From:", 8, "starts with 'From: 1 2"),
        ("To 2: 0 0\n", "", 8, "2 populations, but row 'To 2:' is missing; .* must follow"),
        ("To 1: 1 2\n", "", 8, "row 'To 1:' is missing"),
        ("To 2: 0 0", "To 2: 0 0\nTo 3: 0 0", 11, "row 'To 3:' has no column: .*; add 3 to 'From"),
        ("To 2: 0 0", "To 1: 0 0", 10, "row 'To 1:' is given twice; keep one"),
        ("To 2: 0 0", "To: 0 0", 10, "'To:' is no row of the matrix; write 'To k:', k from 1 to 2"),
        ("To 1: 1 2\nTo 2: 0 0", "To 2: 0 0\nTo 1: 1 2", 8, "must follow in this order"),
        ("To 1: 1 2", "To 1: 1 1", 9, "numbered 1 to 2, each once: 1 stands twice"),
        ("To 1: 1 2", "To 1: 1 3", 9, "each once: 2 is missing"),
        ("To 1: 1 2", "To 1: 1 -2", 9, "-2 is not the number of a connection; give 0"),
        ("To 1: 1 2", "To 1: 1 2.5", 9, "expected a whole number, found '2.5'"),
        ("To 1: 1 2", "To 1: 1 1e999", 9, "expected a whole number"),
        ("Connection matrix:\n", "", 7, "unknown parameter 'From'"),
        (
            "Coupling 2:",
            "Coupling 1:",
            27,
            "'Coupling 1' is given twice .first at line 26.; keep one",
        ),
        ("Coupling 2:", "Coupling 3:", 9, "Coupling 2 is missing"),
        ("Coupling 2:", "Coupling:", 27, "'Coupling:' needs a number, e.g. 'Coupling 1:'"),
        ("Coupling 2: Map", "Coupling 2:", 27, "Coupling 2: names no coupling. Allowed: Map"),
        ("Population 2: Noise", "Population 3: Noise", 10, "Population 2 is missing"),
        (" Stimulus: White - Onset: 0 Mean: 1 ASD: 1e-4\n", "", 19, "needs 'Stimulus: <kind>"),
        ("Firing: Function: Sigmoid Theta: 0.013 Sigma: 0.0038 Qmax: 340", "", 12, "no 'Firing:'"),
        ("Function: Sigmoid", "", 15, "Population 1: names no firing. Allowed: Sigmoid, Linear"),
        ("Function: Sigmoid", "Function: Sigmoid Function: Linear", 15, "two Function entries"),
        ("Firing: Function", "Firing: Firing: Function", 15, "has two Firing entries"),
        ("Q: 10", "Function: Sigmoid", 14, "belongs after 'Firing:'"),
        (
            "Q: 10",
            "Q: 10 Q: 11",
            14,
            "Population 1: 'Q' is given twice .first at line 14.; keep one",
        ),
        ("Q: 10\n", "\n", 12, r"Population 1: 'Q' \(initial rate.* is missing; add 'Q: <s⁻¹>'"),
        ("Q: 10", "Stimulus: Const - Mean: 1", 14, "has inputs, so no Stimulus"),
        (
            "Nodes: 16",
            "Nodes: 16 Topology: Sfere",
            5,
            "unknown Topology 'Sfere'.*Did you mean 'Sphere'",
        ),
        ("Nodes: 16\n", "\n", 4, "Model: 'Nodes' .nodes of the grid. is missing"),
        ("Time:", "Stimulus: White Time:", 1, "no line starts with 'Time:'"),
        ("Nodes: 16", "Firing: Sigmoid", 5, "'Firing:' stands outside a population"),
        ("Nodes: 16", "Dendrite 1: alpha: 3", 5, "'Dendrite 1:' stands outside a population"),
        ("Coupling:\n", "Coupling 3: Map\n", 33, "'Coupling 3:' stands after 'Output:'"),
        ("Interval:", "Intervall:", 29, "Output: unknown parameter 'Intervall'.*'Interval'"),
        (
            "Output:",
            "Ouput:",
            30,
            "'Population:' needs a number.* lists of traces, after 'Output:'",
        ),
        ("Output:", "Coupling 3: Map nu: 1\nOutput:", 29, "Coupling 3 is not in the .*1 to 2"),
        ("Population: 1\n", "Population: 3\n", 30, "Output: Population: no trace 'pop.3'"),
        ("1.phi", "1.phy", 32, "no trace 'propagator.1.phy'.*Did you mean 'propagator.1.phi'"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    read: Read, old: str, new: str, line: int, message: str
) -> None:
    with pytest.raises(ModelError, match=rf"^small.conf:{line}: .*{message}"):
        read((old, new))


def test_without_an_output_section(read: Read) -> None:
    with pytest.raises(ModelError, match=r"^small.conf:27: no 'Output:' section found; add"):
        read(
            (
                "Output: Node: All Start: 0 Interval: 0.002\nPopulation: 1\nDendrite:\n"
                "Propagator: 1.phi\nCoupling:\n",
                "",
            )
        )


def test_several_stimuli_need_to_be_announced(read: Read) -> None:
    old, more = "Stimulus: White", "Stimulus: Const - Mean: 1\n Stimulus: White"
    with pytest.raises(ModelError, match=r"22: Population 2 has 2 stimuli; write .*Superimpose: 2"):
        read((old, more))
    with pytest.raises(ModelError, match="Superimpose: 3, but the stimuli that follow are 2"):
        read((old, f"Stimulus: Superimpose: 3\n {more}"))
    with pytest.raises(ModelError, match="Superimpose needs the number of stimuli, 2"):
        read((old, f"Stimulus: Superimpose:\n {more}"))


def test_a_dendrite_stands_in_the_population_it_acts_on(read: Read) -> None:
    dendrite = "  Dendrite 2: alpha: 83 beta: 769\n"
    with pytest.raises(ModelError, match=r"Dendrite 2 stands in Population 2, but .* Population 1"):
        read((dendrite, ""), ("Population 2: Noise\n", f"Population 2: Noise\n{dendrite}"))


@pytest.mark.parametrize(
    ("path", "kind", "expected"),
    [
        ("population.5.stimulus.2", "White", "Population 5, stimulus 2 (White)"),
        ("population.1.firing", "Sigmoid", "Population 1, firing (Sigmoid)"),
        ("dendrite.12", "", "Dendrite 12"),
        ("output", "", "Output"),
        ("", "", "Model"),
    ],
)
def test_names_of_objects_in_messages(path: str, kind: str, expected: str) -> None:
    assert label(path, kind) == expected
