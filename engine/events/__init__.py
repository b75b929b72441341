"""What happens at touchpoints: what an event may say, what it changes of a customer, and what of that falls due."""
