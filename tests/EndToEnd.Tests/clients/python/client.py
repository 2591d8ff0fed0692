"""Drives a running stack through grpcio and stubs made by protoc, and prints what it saw: one JSON line a check.

Usage: client.py SETTINGS, where SETTINGS is JSON with `stubs` (folder), `grids`, `organisations` (host:port), `token`, `city`.
"""

import json
import os
import sys
import uuid

import grpc

settings = json.loads(sys.argv[1])
sys.path.insert(0, settings["stubs"])
# The stubs of health and reflection are made into the package that the library itself is.
grpc.__path__.append(os.path.join(settings["stubs"], "grpc"))

from google.rpc import error_details_pb2, status_pb2  # noqa: E402
from governance.common.v1 import imports_pb2, indicators_pb2, indicators_pb2_grpc  # noqa: E402
from governance.grids.v1 import boundaries_pb2, boundaries_pb2_grpc, cases_pb2, cases_pb2_grpc  # noqa: E402
from governance.organisations.v1 import directory_pb2, directory_pb2_grpc  # noqa: E402
from grpc.health.v1 import health_pb2, health_pb2_grpc  # noqa: E402
from grpc.reflection.v1 import reflection_pb2, reflection_pb2_grpc  # noqa: E402
from grpc.reflection.v1alpha import reflection_pb2 as alpha_pb2, reflection_pb2_grpc as alpha_pb2_grpc  # noqa: E402

PATIENCE = 20
grids = grpc.insecure_channel(settings["grids"])
organisations = grpc.insecure_channel(settings["organisations"])
cases = cases_pb2_grpc.CasesStub(grids)
boundaries = boundaries_pb2_grpc.BoundariesStub(grids)


def tell(check, **facts):
    print(json.dumps({"check": check, **facts}, ensure_ascii=False), flush=True)


def headers(language="en", token=settings["token"]):
    return [("authorization", "Bearer " + token)] * bool(token) + [("accept-language", language)]


def refusal(call):
    """The error of a call, with its details taken apart."""
    try:
        call()
    except grpc.RpcError as error:
        facts = {"code": error.code().name, "message": error.details(), "violations": []}
        for key, value in error.trailing_metadata() or ():
            if key != "grpc-status-details-bin":
                continue
            for detail in status_pb2.Status.FromString(value).details:
                info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
                if detail.Unpack(info):
                    facts.update(reason=info.reason, domain=info.domain)
                if detail.Unpack(bad):
                    facts["violations"] = [f"{one.field}: {one.reason}" for one in bad.field_violations]
        return facts
    return {"code": "OK"}


def new_case(title, language="en", **more):
    return lambda: cases.ReportCase(
        cases_pb2.ReportCaseRequest(
            request_id=more.get("request_id", str(uuid.uuid4())),
            grid_code=more.get("grid", ""),
            title=title,
            channel=cases_pb2.CASE_CHANNEL_PATROL,
        ),
        metadata=headers(language),
        timeout=PATIENCE,
    )


# A unary call.
counted = indicators_pb2_grpc.IndicatorsStub(grids).GetIndicators(
    indicators_pb2.GetIndicatorsRequest(territory=settings["city"]), metadata=headers(), timeout=PATIENCE)
tell("unary", grids=next(one.value for one in counted.indicators if one.name == "grids"))

# A stream from the server.
seen, parents_first = set(), True
for part in directory_pb2_grpc.DirectoryStub(organisations).GetOrganisationTree(
        directory_pb2.GetOrganisationTreeRequest(territory=settings["city"]), metadata=headers(), timeout=PATIENCE):
    organisation = part.organisation
    parents_first = parents_first and (not organisation.parent_code or organisation.parent_code in seen)
    seen.add(organisation.code)
tell("server_streaming", received=len(seen), parents_first=parents_first)

# A stream from the client: one row that is there already, and one that is wrong in two fields.
grid = boundaries.ListGrids(boundaries_pb2.ListGridsRequest(page_size=1), metadata=headers(), timeout=PATIENCE).grids[0]
parts = [
    boundaries_pb2.ImportGridsRequest(header=imports_pb2.ImportHeader(request_id=str(uuid.uuid4()), territory=settings["city"])),
    boundaries_pb2.ImportGridsRequest(rows=[boundaries_pb2.GridRow(
        code=grid.code, name=grid.name, kind=grid.kind, boundary=grid.boundary, households=grid.households)]),
    boundaries_pb2.ImportGridsRequest(rows=[boundaries_pb2.GridRow(
        code="34x6", name="", kind=grid.kind, boundary=grid.boundary)]),
]
summary = boundaries.ImportGrids(iter(parts), metadata=headers(), timeout=PATIENCE).summary
tell("client_streaming", received=summary.received, unchanged=summary.unchanged, rejected=summary.rejected,
     errors=[{"row": error.row, "violations": [f"{one.field}: {one.reason}" for one in error.violations]} for error in summary.errors])

# A watch that hears of a new case, and is then cancelled.
watch = cases.WatchCases(cases_pb2.WatchCasesRequest(territory=grid.code), metadata=headers(), timeout=PATIENCE)
sign_of_life = next(watch)
reported = new_case("Watched", grid=grid.code)().case
change = next(watch)
watch.cancel()
tell("cancellation", sign_of_life=not sign_of_life.HasField("entry"), action=change.entry.action,
     same_case=change.case_id == reported.id, end=refusal(lambda: next(watch))["code"])

# Deadlines: one that was over before the call began, which no answer can come before, and one in the middle of a stream.
tell("deadline",
     unary=refusal(lambda: boundaries.ListGrids(boundaries_pb2.ListGridsRequest(), metadata=headers(), timeout=-1))["code"],
     stream=refusal(lambda: list(
         cases.WatchCases(cases_pb2.WatchCasesRequest(territory=grid.code), metadata=headers(), timeout=1)))["code"])

# Metadata: without a token, and in two languages.
nobody = [("accept-language", "en")]
tell("metadata",
     without_token=refusal(lambda: boundaries.ListGrids(boundaries_pb2.ListGridsRequest(), metadata=nobody, timeout=PATIENCE)),
     english=refusal(new_case("Nowhere", "en", grid="34069999999901")),
     chinese=refusal(new_case("Nowhere", "zh", grid="34069999999901")))

# Details of an error: every field that is wrong, at once.
tell("details", **refusal(new_case("x" * 101, request_id="no uuid", grid="34x6")))


def names(stub, messages):
    request = messages.ServerReflectionRequest
    listed = next(stub.ServerReflectionInfo(iter([request(list_services="")]), timeout=PATIENCE))
    files = next(stub.ServerReflectionInfo(iter([request(file_containing_symbol="governance.grids.v1.Cases")]), timeout=PATIENCE))
    return {"services": [one.name for one in listed.list_services_response.service],
            "files": len(files.file_descriptor_response.file_descriptor_proto)}


tell("reflection",
     v1=names(reflection_pb2_grpc.ServerReflectionStub(grids), reflection_pb2),
     v1alpha=names(alpha_pb2_grpc.ServerReflectionStub(grids), alpha_pb2))

# Health, asked and watched.
health = health_pb2_grpc.HealthStub(grids)
serving = health_pb2.HealthCheckResponse.ServingStatus.Name
watched = health.Watch(health_pb2.HealthCheckRequest(), timeout=PATIENCE)
first = serving(next(watched).status)
watched.cancel()
tell("health", asked=serving(health.Check(health_pb2.HealthCheckRequest(), timeout=PATIENCE).status), watched=first)

# Messages compressed with gzip; the library does not tell how the answer came.
page = boundaries.ListGrids(
    boundaries_pb2.ListGridsRequest(page_size=500), metadata=headers(), timeout=PATIENCE, compression=grpc.Compression.Gzip)
tell("gzip", received=len(page.grids))
