"""Days and hours under load: what is ours stays as large as it was, and goes with its entry."""
