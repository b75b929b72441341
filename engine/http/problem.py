"""Why a request is not answered, as Problem Details (RFC 9457): refusals of the services, translated here and nowhere
else, and what only HTTP can get wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import orjson

from engine.refusal import NOT_ANSWERED, TOO_LARGE, Refusal, RefusalKind

KIND = "application/problem+json"
STATUS: Mapping[RefusalKind, HTTPStatus] = {
    RefusalKind.INVALID: HTTPStatus.BAD_REQUEST,
    RefusalKind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    RefusalKind.CONFLICT: HTTPStatus.CONFLICT,
    RefusalKind.NOT_READY: HTTPStatus.CONFLICT,
    RefusalKind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    RefusalKind.TOO_LATE: HTTPStatus.GATEWAY_TIMEOUT,
    RefusalKind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
_AGAIN = (("retry-after", "1"),)


@dataclass(frozen=True, slots=True)
class Problem:
    """`status` of HTTP; what is wrong, where and how to mend it in the refusal; headers that belong to the status."""

    status: HTTPStatus
    refusal: Refusal
    headers: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def of(refusal: Refusal) -> Problem:
        """What a service refused."""
        again = _AGAIN if refusal.kind is RefusalKind.UNAVAILABLE else ()
        return Problem(STATUS[refusal.kind], refusal, again)

    def body(self) -> bytes:
        """The JSON: `title` for the status, `code` for programs, `field` for where, `detail` for people."""
        told = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "code": self.refusal.code,
            "field": self.refusal.field,
            "detail": self.refusal.sentence(),
        }
        return orjson.dumps(told)


def http_problem(status: HTTPStatus, code: str, message: str) -> Problem:
    """What is wrong with a request as HTTP."""
    return Problem(status, Refusal(code, message))


NO_PATH = http_problem(HTTPStatus.NOT_FOUND, "path-unknown", "nothing is served at this path; /docs lists what is")
NO_JSON = http_problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content-type", "the content type must be application/json")
PACKED = http_problem(
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content-encoding", "the body must be sent as it is, not packed"
)
NO_BODY = http_problem(HTTPStatus.BAD_REQUEST, "body-unexpected", "this request takes no body")
NO_QUERY = http_problem(
    HTTPStatus.BAD_REQUEST, "query-unexpected", "this request takes all in its body, nothing after ?"
)
BAD_QUERY = http_problem(HTTPStatus.BAD_REQUEST, "query-invalid", "what follows ? must be name=value, each name once")
BAD_PATH = http_problem(HTTPStatus.BAD_REQUEST, "path-invalid", "the path must be UTF-8 where it is percent-encoded")
BAD_HTTP = http_problem(HTTPStatus.BAD_REQUEST, "http-invalid", "the request is no HTTP/1.1")
BIG_HEAD = http_problem(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head-too-large", "path and headers must be shorter"
)
NO_HTTP = http_problem(HTTPStatus.NOT_IMPLEMENTED, "http-unknown", "this way to send a body is not known here")
SLOW = http_problem(HTTPStatus.REQUEST_TIMEOUT, "too-slow", "the request did not come in time")
BUSY = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    Refusal("busy", "as many requests as this server takes are in progress; try again"),
    _AGAIN,
)
TOO_BIG = Problem.of(TOO_LARGE)
UNFORESEEN = Problem.of(NOT_ANSWERED)
NO_DEADLINE = http_problem(
    HTTPStatus.BAD_REQUEST, "deadline-invalid", "befit-deadline-ms must be a number of ms above 0"
)


def not_this_way(allowed: str) -> Problem:
    """A path that is served, by another method of HTTP."""
    refusal = Refusal("method-not-allowed", f"the method must be {allowed}")
    return Problem(HTTPStatus.METHOD_NOT_ALLOWED, refusal, (("allow", allowed),))
