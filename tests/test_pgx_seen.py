"""What a file shows at each position: reference, variant, missing and discarded are four different things."""

from precision.pgx.calling import call
from precision.pgx.seen import phasing, seen
from tests.pgx_genotypes import person


def test_each_position_says_what_the_file_shows() -> None:
    calls = call(person({"rs4244285": "A/A", "rs4986893": "filtered"}, "CYP2C19", absent=["rs12248560"]))
    found = {one.name: one for one in seen(calls, 0, "CYP2C19")}
    assert (found["rs4244285"].state, found["rs4244285"].bases) == ("variant", "A/A")
    assert "*2" in found["rs4244285"].alleles
    assert found["rs4244285"].place == "GRCh38:10:94781859"
    assert (found["rs4986893"].state, found["rs4986893"].why) == ("discarded", "filtered")
    assert (found["rs12248560"].state, found["rs12248560"].why) == ("missing", "absent")
    assert found["rs28399504"].state == "reference"


def test_the_counts_are_those_of_the_call() -> None:
    calls = call(person({"rs4986893": "./."}, "CYP2C19", absent=["rs12248560"]))
    told, found = calls.of(calls.samples[0], "CYP2C19"), seen(calls, 0, "CYP2C19")
    assert sum(one.state in ("reference", "variant") for one in found) == told.positions_called
    assert sum(one.state == "missing" for one in found) == len(told.positions_missing) == 2


def test_a_gene_of_the_laboratory_has_no_positions() -> None:
    assert seen(call(person({}, "CYP2C19")), 0, "CYP2D6") == ()


def test_phasing_counts_heterozygous_positions_and_known_strands() -> None:
    assert phasing(call(person({"rs4244285": "G/A"}, "CYP2C19")), 0) == (1, 0)
    assert phasing(call(person({"rs4244285": "G|A"}, "CYP2C19")), 0) == (1, 1)
    assert phasing(call(person({"rs4244285": "A/A"}, "CYP2C19")), 0) == (0, 0)
