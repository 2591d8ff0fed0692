using Google.Protobuf.WellKnownTypes;
using Governance.Grids.Cases;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Grpc.Core;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Attachments;

public sealed class AttachmentService(AttachmentStore store, CaseStore cases, CaseActs acts, Commands commands) : V1.Attachments.AttachmentsBase
{
    public override Task<AddAttachmentResponse> AddAttachment(AddAttachmentRequest request, ServerCallContext context)
    {
        var sha256 = AttachmentRules.Checksum(request.Sha256).OrRefuse();
        return commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var call = context.Call();
            var current = await CaseStore.FindAsync(Guid.Parse(request.CaseId), command) ?? throw call.NotFound(CaseErrors.NotFound, request.CaseId);
            acts.Authorize(call, current, command);
            if (current.HasEnded)
                throw new RefusedException(CaseErrors.Ended.With());
            var present = await AttachmentStore.OfCaseAsync(current.Id, command);
            if (AttachmentRules.MayAdd(present, request.Reference, sha256) is { } refusal)
                throw new RefusedException(refusal);
            var added = new Attachment(
                command.NewId(), current.Id, current.Territory, request.Reference, request.MediaType, request.Size, sha256, request.Note,
                command.Actor.Subject, command.Now, null, "");
            AttachmentStore.Add(command, added, present.Count);
            return new AddAttachmentResponse { Attachment = ToMessage(added) };
        });
    }

    public override async Task<ListAttachmentsResponse> ListAttachments(ListAttachmentsRequest request, ServerCallContext context)
    {
        var call = context.Call();
        var id = Guid.Parse(request.CaseId);
        var current = await cases.FindAsync(id, context.CancellationToken) ?? throw call.NotFound(CaseErrors.NotFound, request.CaseId);
        acts.Authorize(call, current);
        var response = new ListAttachmentsResponse();
        response.Attachments.Add((await store.OfCaseAsync(id, context.CancellationToken))
            .Select(a => ResidentView.Of(call, ToMessage(a), current, IsOwn(a, current, call))));
        return response;
    }

    public override Task<RemoveAttachmentResponse> RemoveAttachment(RemoveAttachmentRequest request, ServerCallContext context) =>
        commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var call = context.Call();
            var present = await AttachmentStore.FindAsync(Guid.Parse(request.Id), command) ?? throw call.NotFound(AttachmentErrors.NotFound, request.Id);
            var current = await CaseStore.FindAsync(present.CaseId, command) ?? throw call.NotFound(CaseErrors.NotFound, present.CaseId);
            var mine = IsOwn(present, current, call);
            call.Authorize(present.Territory, mine ? [Roles.Resident, Roles.GridWorker, Roles.Responder] : []);
            if (mine && current.Confidential)
                command.ActUnder(present.AddedBy);
            var removed = present.RemovedAt is null
                ? present with { Reference = "", RemovedAt = command.Now, RemovalReason = request.Reason }
                : present;
            AttachmentStore.Remove(command, removed);
            return new RemoveAttachmentResponse { Attachment = ToMessage(removed) };
        });

    // Who is confidential here has added under the case's word for it.
    private bool IsOwn(Attachment present, Case of, Call call) =>
        present.AddedBy == call.Caller.Subject || (present.AddedBy == of.Reporter && acts.IsReporter(call.Caller, of));

    private static V1.Attachment ToMessage(Attachment from) => new()
    {
        Id = from.Id.ToString(),
        CaseId = from.CaseId.ToString(),
        Reference = from.Reference,
        MediaType = from.MediaType,
        Size = from.Size,
        Sha256 = Convert.ToHexStringLower(from.Sha256),
        Note = from.Note,
        AddedBy = from.AddedBy,
        AddedAt = from.AddedAt.ToTimestamp(),
        RemovedAt = from.RemovedAt?.ToTimestamp(),
        RemovalReason = from.RemovalReason,
    };
}
