"""What a client may raise.

ClientError
+-- Refused              the server said no: asking the same again gets the same answer
|   +-- InvalidRequest       the request does not hold; also raised before it is sent
|   +-- NotFound             no such customer or decision
|   +-- NotPermitted         the credentials do not allow it
|   +-- Conflict             the request id was used for another request, or the state does not allow it
+-- Unanswered           no answer came: asking again may help, and a local fallback may stand in
    +-- Unreachable          no server could be reached
    +-- TooLate              the deadline passed first
    +-- Overloaded           the server takes no more for now
    +-- Broken               the server failed to answer
"""

from __future__ import annotations


class ClientError(Exception):
    """Root of all that a client raises on purpose."""


class Refused(ClientError):
    """The server said no. `code` is stable and for programs, `field` names what is wrong, or is ""."""

    def __init__(self, message: str, code: str = "", field: str = "") -> None:
        self.code = code
        self.field = field
        super().__init__(message)


class InvalidRequest(Refused):
    """The request does not hold: a value is of the wrong type, out of range, or not declared."""


class NotFound(Refused):
    """No such customer, decision or action."""


class NotPermitted(Refused):
    """The credentials are missing, not valid, or do not allow this call."""


class Conflict(Refused):
    """The request id was used for another request, or the state does not allow the call."""


class Unanswered(ClientError):
    """No answer came; the server may or may not have acted."""


class Unreachable(Unanswered):
    """No server could be reached, or the connection broke."""


class TooLate(Unanswered):
    """The deadline passed before the answer came."""


class Overloaded(Unanswered):
    """The server refuses work for now."""


class Broken(Unanswered):
    """The server failed in a way that it does not explain."""
