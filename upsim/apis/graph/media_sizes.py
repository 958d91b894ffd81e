"""Media sizes: the names of printerCapabilities.mediaSizes and the PWG 5101.1 keywords they stand for.

Names that are in no row travel verbatim both ways. The spelling "Goverment" is the service's own.
"""

GRAPH_TO_PWG = {
    "A3": "iso_a3_297x420mm",
    "A4": "iso_a4_210x297mm",
    "A5": "iso_a5_148x210mm",
    "A6": "iso_a6_105x148mm",
    "JIS B4": "jis_b4_257x364mm",
    "JIS B5": "jis_b5_182x257mm",
    "JPN Hagaki": "jpn_hagaki_100x148mm",
    "North America 5x7in": "na_5x7_5x7in",
    "North America Executive": "na_executive_7.25x10.5in",
    "North America Goverment Letter": "na_govt-letter_8x10in",
    "North America Index 3x5in": "na_index-3x5_3x5in",
    "North America Index 4x8in": "custom_index-4x8_4x8in",
    "North America Index 5x8in": "na_index-5x8_5x8in",
    "North America Invoice": "na_invoice_5.5x8.5in",
    "North America Ledger": "na_ledger_11x17in",
    "North America Legal": "na_legal_8.5x14in",
    "North America Letter": "na_letter_8.5x11in",
    "Photo l 3.5x5in": "oe_photo-l_3.5x5in",
    "Business Card": "oe_business-card_2x3.5in",
    "Photo": "om_small-photo_100x150mm",
}

PWG_TO_GRAPH = {keyword: name for name, keyword in GRAPH_TO_PWG.items()}
