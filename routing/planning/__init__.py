"""Who answers now? The plan of one desk at one moment, its reasons, and the half-hours that nobody covers."""
