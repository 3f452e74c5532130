"""Which article answers this? The directory of articles, their search, and what people say is wrong with them."""
