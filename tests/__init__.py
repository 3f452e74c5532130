"""The tests, in folders by cost: rules of each room, whole calls, browser, load."""
