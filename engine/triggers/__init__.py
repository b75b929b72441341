"""Events that start outbound decisions, and what is sent of them: held, taken back, checked again, sent."""
