"""Days that a made-up company lives through: real decisions, answers by its truth, and what customers do afterwards."""
