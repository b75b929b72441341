"""What comes of decisions beside prompt answers: windows that close, outcomes that are early, late or bad news."""
