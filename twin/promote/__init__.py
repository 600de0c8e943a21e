"""What is rehearsed before anything goes live, and going there: waves, the way back, what it costs."""
