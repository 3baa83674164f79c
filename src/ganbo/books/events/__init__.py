"""What happened and what was decided: events with their keys, answers and traces; stores."""
