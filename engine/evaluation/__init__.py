"""What a policy and a bundle would have earned on choices that were made otherwise."""
