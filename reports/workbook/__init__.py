"""The ministry's tracking workbook, written."""
