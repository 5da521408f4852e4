"""Alterations and gene expression of the tumours of people with cancer."""

import numpy as np
import pandas as pd

from precision.synth import scenarios, tables
from precision.synth.draws import Draws
from precision.synth.people import People

ASSEMBLY = "GRCh38"
SEQUENCED = 0.7  # share of tumours with a mutation file (assumption)
COMMON = 0.75  # correlation of a gene with the common factor of its group (assumption)


def somatic(person: People, draws: Draws) -> pd.DataFrame:
    """One row per alteration: gene, protein change, position on GRCh38 and share of reads."""
    told = {
        (row["gene"], row["protein_change"], position) for position, row in scenarios.rows("scenario_tumours", draws)
    }
    sequenced = draws.uniform("tumour sequenced") < SEQUENCED
    parts: list[pd.DataFrame] = []
    for row in tables.rows("tumours"):
        gene, change = row["gene"], row["protein_change"]
        name = f"{row['cancer']} {gene} {change}"
        carries = (draws.uniform(name) < float(row["share"])) & sequenced & ~scenarios.here(draws)
        carries[[position for *alteration, position in told if alteration == [gene, change]]] = True
        who = np.flatnonzero(carries & (person[row["cancer"]] == 1))
        part = pd.DataFrame({"patient": who, "assembly": ASSEMBLY}, index=range(len(who)))
        cells = {column: row[column] for column in ("gene", "protein_change", "chrom", "ref", "alt", "classification")}
        share = np.round(0.12 + 0.4 * draws.uniform(f"reads {name}"), 3)[who]
        parts.append(part.assign(pos=int(row["pos"]), **cells, vaf=share))
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return table.sort_values(["patient", "gene", "pos"], kind="stable", ignore_index=True)


def markers(person: People) -> pd.DataFrame:
    """Tumour type (OncoTree) of each person; receptors, nodes, size in mm and grade of breast tumours; else missing."""
    listed = [row for row in tables.rows("conditions") if row["tumour_type"]]
    ill = [person[row["quantity"]] == 1 for row in listed]
    breast = pd.Series(person["breast_cancer"] == 1)
    words = {name: np.where(person[f"{name}_positive"] == 1, "positive", "negative") for name in ("er", "pr", "her2")}
    counts = {
        "nodes_positive": person["node_positive"] * np.round(person["nodes"]),
        "tumour_size": np.round(person["tumour_size"]),
        "grade": np.round(person["grade"]),
    }
    columns = {f"{name}_status": pd.Series(word).where(breast) for name, word in words.items()}
    columns |= {name: pd.Series(count).where(breast) for name, count in counts.items()}
    kind = pd.Series(np.select(ill, list(tables.column(listed, "tumour_type")), ""))
    return pd.DataFrame({"tumour_type": kind.where(kind != ""), **columns})


def expression(person: People, draws: Draws) -> pd.DataFrame:
    """Long table of the 21 genes for people with breast cancer: reference-normalised Ct, 0 to 15."""
    genes = tables.rows("expression")
    group = tables.column(genes, "group")
    groups = sorted(set(group))
    who = np.flatnonzero(person["breast_cancer"] == 1)
    common = draws.normal("expression of groups", len(groups))[who][:, [groups.index(name) for name in group]]
    own = draws.normal("expression of genes", len(genes))[who]
    deviation = COMMON * common + np.sqrt(1 - COMMON**2) * own
    driven = np.stack([person[row["driver"]][who] for row in genes], axis=1) - tables.numbers(genes, "centre")
    mean = tables.numbers(genes, "mean") + tables.numbers(genes, "shift") * driven
    value = mean + tables.numbers(genes, "spread") * deviation
    return pd.DataFrame(
        {
            "patient": np.repeat(who, len(genes)),
            "gene": np.tile(tables.column(genes, "gene"), len(who)),
            "value": np.clip(np.round(value, 2), 0, 15).ravel(),
            "value_type": "Ct",
        }
    )


def maf(table: pd.DataFrame) -> pd.DataFrame:
    """The alterations with the headers of a mutation annotation file."""
    return pd.DataFrame(
        {
            "Hugo_Symbol": table["gene"],
            "NCBI_Build": ASSEMBLY,
            "Chromosome": table["chrom"],
            "Start_Position": table["pos"],
            "End_Position": table["pos"],
            "Strand": "+",
            "Variant_Classification": table["classification"],
            "Variant_Type": "SNP",
            "Reference_Allele": table["ref"],
            "Tumor_Seq_Allele1": table["ref"],
            "Tumor_Seq_Allele2": table["alt"],
            "Tumor_Sample_Barcode": table["patient_id"] + "-T1",
            "HGVSp_Short": table["protein_change"],
            "t_alt_fraction": table["vaf"],
        }
    )
