"""A workbook filled by hand, understood, compared, taken in."""
