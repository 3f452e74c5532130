"""From bytes to sheets: containers, tables, headings."""
