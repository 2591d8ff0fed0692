using Governance.Grids.V1;
using Governance.TestKit;
using Shouldly;
using Xunit;
using static Governance.Grids.Tests.GridsFixture;

namespace Governance.Grids.Tests;

public sealed class AttachmentsTests(GridsFixture grids) : ServiceTest(grids), IClassFixture<GridsFixture>
{
    [Fact]
    public async Task A_file_is_kept_by_reference_and_checksum_and_its_trace_stays()
    {
        var reported = await grids.ReportAsync();
        var resident = Attachments("resident", subject: "resident-1");
        var request = Request(reported.Id, 'a');
        var added = (await resident.AddAttachmentAsync(request)).Attachment;
        (await resident.AddAttachmentAsync(request)).Attachment.ShouldBe(added);
        (added.Reference, added.Sha256, added.AddedBy).ShouldBe((request.Reference, request.Sha256, "resident-1"));
        (await Attachments("grid_worker", Community).ListAttachmentsAsync(new ListAttachmentsRequest { CaseId = reported.Id })).Attachments.ShouldBe([added]);

        var removed = (await resident.RemoveAttachmentAsync(Removal(added.Id))).Attachment;
        (removed.Reference, removed.RemovalReason).ShouldBe(("", "误传"));
        (await Attachments().RemoveAttachmentAsync(new RemoveAttachmentRequest { RequestId = NewId(), Id = added.Id, Reason = "再删" }))
            .Attachment.RemovalReason.ShouldBe("误传");
        (await Attachments().ListAttachmentsAsync(new ListAttachmentsRequest { CaseId = reported.Id })).Attachments.ShouldBe([removed]);
        // Its content may come again.
        await Attachments().AddAttachmentAsync(Request(reported.Id, 'a'));
    }

    [Fact]
    public async Task A_resident_sees_the_files_of_a_case_and_not_who_of_the_staff_added_them()
    {
        var reported = await grids.ReportAsync();
        var resident = Attachments("resident", subject: "resident-1");
        var own = (await resident.AddAttachmentAsync(Request(reported.Id, 'a'))).Attachment;
        var staff = (await Attachments(subject: "officer-1").AddAttachmentAsync(Request(reported.Id, 'b'))).Attachment;
        staff.AddedBy.ShouldBe("officer-1");
        var list = new ListAttachmentsRequest { CaseId = reported.Id };
        (await resident.ListAttachmentsAsync(list)).Attachments.ShouldBe([own, new Attachment(staff) { AddedBy = "" }]);
        (await Attachments().ListAttachmentsAsync(list)).Attachments.ShouldBe([own, staff]);
    }

    [Fact]
    public async Task The_same_file_is_added_once_however_many_try()
    {
        var reported = await grids.ReportAsync();
        var refusals = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            try
            {
                await Attachments().AddAttachmentAsync(Request(reported.Id, 'b'));
                return "";
            }
            catch (Grpc.Core.RpcException refused)
            {
                return Refused.Of(refused).Reason;
            }
        }));
        refusals.Count(r => r is "").ShouldBe(1);
        refusals.Where(r => r is not "").ShouldAllBe(r => r == "ATTACHMENT_TWICE");
    }

    [Fact]
    public async Task Who_has_no_part_in_a_case_sees_none_of_its_files()
    {
        var reported = await grids.ReportAsync();
        var added = (await Attachments().AddAttachmentAsync(Request(reported.Id, 'c'))).Attachment;
        foreach (var stranger in (V1.Attachments.AttachmentsClient[])[Attachments("resident", subject: "another"), Attachments("grid_worker", OtherCommunity, "worker-2")])
        {
            await Refused.AsAsync("OUTSIDE_TERRITORY", stranger.ListAttachmentsAsync(new ListAttachmentsRequest { CaseId = reported.Id }));
            await Refused.AsAsync("OUTSIDE_TERRITORY", stranger.AddAttachmentAsync(Request(reported.Id, 'd')));
            await Refused.AsAsync("OUTSIDE_TERRITORY", stranger.RemoveAttachmentAsync(Removal(added.Id)));
        }
        await Refused.AsAsync("OUTSIDE_TERRITORY", Attachments("resident", subject: "resident-1").RemoveAttachmentAsync(Removal(added.Id)));
        await Refused.AsAsync("CASE_NOT_FOUND", Attachments().AddAttachmentAsync(Request(NewId(), 'd')));
        await Refused.AsAsync("CASE_NOT_FOUND", Attachments().ListAttachmentsAsync(new ListAttachmentsRequest { CaseId = NewId() }));
        await Refused.AsAsync("ATTACHMENT_NOT_FOUND", Attachments().RemoveAttachmentAsync(Removal(NewId())));
    }

    [Theory]
    [InlineData("http://files.example/1.jpg")]
    [InlineData("https://user:password@files.example/1.jpg")]
    [InlineData("https://files.example/1.jpg?signature=abc")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/etc/passwd")]
    public async Task A_reference_that_is_no_plain_address_is_refused(string reference)
    {
        var reported = await grids.ReportAsync();
        var request = Request(reported.Id, 'e');
        request.Reference = reference;
        await Refused.AsAsync("ATTACHMENT_REFERENCE", Attachments().AddAttachmentAsync(request));
    }

    [Fact]
    public async Task A_checksum_a_full_case_and_an_ended_one_are_refused_by_name()
    {
        var reported = await grids.ReportAsync();
        var request = Request(reported.Id, 'f');
        request.Sha256 = new string('x', 64);
        (await Refused.AsAsync("REQUEST_INVALID", Attachments().AddAttachmentAsync(request))).Fields.ShouldBe(["sha256: FIELD_MALFORMED"]);

        for (var i = 0; i < 50; i++)
            await Attachments().AddAttachmentAsync(Request(reported.Id, 'f', $"{i:x2}"));
        await Refused.AsAsync("ATTACHMENTS_FULL", Attachments().AddAttachmentAsync(Request(reported.Id, 'f', "ff")));

        await grids.Cases().RejectCaseAsync(new RejectCaseRequest { RequestId = NewId(), CaseId = reported.Id, Reason = "不属实" });
        await Refused.AsAsync("CASE_ENDED", Attachments().AddAttachmentAsync(Request(reported.Id, 'f', "fe")));
    }

    private V1.Attachments.AttachmentsClient Attachments(string role = "officer", string territory = City, string subject = "somebody") =>
        new(grids.As(role, territory, subject));

    private static AddAttachmentRequest Request(string caseId, char filler, string end = "00") => new()
    {
        RequestId = NewId(),
        CaseId = caseId,
        Reference = $"https://files.example/cases/{filler}{end}.jpg",
        MediaType = "image/jpeg",
        Size = 120_000,
        Sha256 = new string(filler, 62) + end,
        Note = "现场照片",
    };

    private static RemoveAttachmentRequest Removal(string id) => new() { RequestId = NewId(), Id = id, Reason = "误传" };
}
