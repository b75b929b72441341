"""A server in the test's own process that answers what the test tells it to."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest

from befit.v1 import admin_pb2_grpc, customer_pb2_grpc, decision_pb2_grpc, feedback_pb2_grpc

Answer = Callable[[Any, grpc.ServicerContext], Any]


@dataclass
class StubServer:
    """`answers` maps a method's name to what answers it; `asked` keeps requests and metadata in order."""

    address: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)

    def answer(self, method: str) -> Answer:
        def answered(request: Any, context: grpc.ServicerContext) -> Any:
            self.metadata = dict(context.invocation_metadata())
            request = request if hasattr(request, "DESCRIPTOR") else list(request)
            self.asked.append(request)
            return self.answers[method](request, context)

        return answered


class _Servicer:
    def __init__(self, stub: StubServer) -> None:
        self._stub = stub

    def __getattr__(self, method: str) -> Answer:
        return self._stub.answer(method)


@pytest.fixture
def server() -> Iterator[StubServer]:
    running = grpc.server(ThreadPoolExecutor(4))
    stub = StubServer()
    for module, service in (
        (decision_pb2_grpc, "Decision"),
        (feedback_pb2_grpc, "Feedback"),
        (customer_pb2_grpc, "Customer"),
        (admin_pb2_grpc, "Admin"),
    ):
        getattr(module, f"add_{service}ServiceServicer_to_server")(_Servicer(stub), running)
    stub.address = f"127.0.0.1:{running.add_insecure_port('127.0.0.1:0')}"
    running.start()
    yield stub
    running.stop(None).wait()
