"""State in Redis or Valkey: one multiplexed client, and the functions that the store runs."""
