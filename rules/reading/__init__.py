"""How a company's policy is read: one file per section of `policy.yaml`, every mistake told at its place.

A section's reader always returns values that hold together, so that the sections after it, and the check
of conditions, can go on and tell their own mistakes; a policy with any problem is never used.
"""
