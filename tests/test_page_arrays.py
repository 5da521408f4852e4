"""An array test on the pages: nobody can say of it that it lists every variant."""

from precision.ui.medicines_whatif import EVERY
from tests.pgx_genotypes import variants
from tests.test_page_upload import labels, said, with_files

PEOPLE = b"patient_id,sex,age\nA-1,female,61\nB-2,male,50\n"
POSITIONS = [one for one in variants("CYP2C19", "TPMT", "VKORC1", "UGT1A1") if one.rsid and not one.is_indel]
ARRAY = "# rsid\tchromosome\tposition\tgenotype\n" + "".join(
    f"{one.rsid}\t{one.chromosome}\t{one.position[0]}\t{one.bases[0] * 2}\n" for one in POSITIONS
)
GENOME = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tB-2\n" + "".join(
    f"chr{one.chromosome}\t{one.position[0]}\t.\t{one.bases[0]}\t{one.bases[1]}\t.\t.\t.\tGT\t0/1\n"
    for one in sorted(POSITIONS, key=lambda one: (one.chromosome, one.position[0]))
)
EVERY_VARIANT = "upload_complete_genotypes"


def test_the_choice_is_closed_for_arrays_alone_and_open_beside_a_vcf() -> None:
    people, array = ("people.csv", PEOPLE), ("A-1.txt", ARRAY.encode())
    test = with_files(people, array)
    assert test.checkbox(key=EVERY_VARIANT).disabled
    assert "An array test lists what it tests, not every variant" in said(test)
    assert "Then a position without a record counts as the reference" not in said(test)
    test = with_files(people, array, ("B-2.vcf", GENOME.encode()))
    assert not test.checkbox(key=EVERY_VARIANT).disabled
    assert "An array test lists what it tests, not every variant" in said(test)


def test_what_if_offers_it_for_the_patient_with_a_vcf_only() -> None:
    test = with_files(("people.csv", PEOPLE), ("A-1.txt", ARRAY.encode()), ("B-2.vcf", GENOME.encode()))
    load = next(key for key, label in labels(test).items() if label.startswith("Load"))
    test.button(key=load).click().run()
    closed = []
    for patient in ("A-1", "B-2"):
        test.query_params["patient"] = patient
        test.switch_page("pages/medicines.py").run()
        assert not test.exception
        closed.append(test.toggle(key=EVERY).disabled)
    assert closed == [True, False]
