"""What would the operator and the people do? A telephone, an operator and its log, known by the wiring alone."""
