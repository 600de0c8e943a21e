"""What the world uses: things held over time and things done, kept as they come about, without polling."""
