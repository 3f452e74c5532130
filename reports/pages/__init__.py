"""The pages of the tracking data."""
