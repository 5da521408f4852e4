"""Pharmacogenomics: from genotypes to star alleles, phenotypes and what they mean for drugs."""
