"""How signals are judged: statistics, alarm states, patterns, schedules and DNS answers, as pure functions."""
