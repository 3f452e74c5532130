"""What has changed since? The digest, who receives it, the feed."""
