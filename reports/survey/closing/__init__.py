"""The calls as they stood at the closing moment of a survey, whenever that is asked."""
