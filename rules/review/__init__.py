"""What a policy that loads may still have wrong: conditions that never change, rules that never act, actions that
nobody can get, limits that make each other idle.

Everything here is sound and conservative: what it says holds for every customer whose facts are as declared; what
it cannot settle it does not mention.
"""
