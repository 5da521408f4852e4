"""Why an allele of a call is not a known base: one number each, beside those of the reader."""

from types import MappingProxyType

from precision.genotypes import ABSENT, FILTERED, HAPLOID, NO_CALL, SPANNED

REF_MISMATCH = -5  # REF of the record is not the reference base of the build
UNDOCUMENTED = -6  # a base that no allele definition knows
SPANNING = -7  # '*', '<NON_REF>': the base is not told
BLOCK_AT_INDEL = -8  # a run of reference calls proves no absence of an insertion or deletion
PARTIAL = -9  # one allele is a variant, the other unknown
ONE_ALLELE = -10  # one allele where the sample has two copies
MALE_HETEROZYGOUS = -11  # two different alleles on the X chromosome of a male

STATES = MappingProxyType(
    {
        ABSENT: "absent",
        NO_CALL: "no_call",
        FILTERED: "filtered",
        HAPLOID: "one_allele",
        REF_MISMATCH: "ref_mismatch",
        UNDOCUMENTED: "undocumented_allele",
        SPANNING: "allele_not_told",
        SPANNED: "inside_larger_variant",
        BLOCK_AT_INDEL: "reference_block_at_indel",
        PARTIAL: "partial_call",
        ONE_ALLELE: "one_allele_of_two",
        MALE_HETEROZYGOUS: "male_heterozygous",
    }
)
MISSING = ("absent", "no_call")  # the file does not say; every other state was in the file and is discarded
