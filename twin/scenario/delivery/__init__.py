"""What plays a delivery pipeline: the machines that carry out its jobs, and the commands of their steps."""
