"""What was signed about a plan, what its environment demands, and the guards that hold one to the other."""
