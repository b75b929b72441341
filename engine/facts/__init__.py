"""Live facts of actions: stock, free slots, delivery days; told by events, the same in all workers."""
