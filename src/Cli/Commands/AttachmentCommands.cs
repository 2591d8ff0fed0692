using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Governance.Cli.Output;
using Governance.Grids.V1;
using static Governance.Cli.Commands.CommandBuilding;

namespace Governance.Cli.Commands;

/// <summary>
/// `gov attachment`: files of cases. They lie in the city's file store, which has its own way in; here are their references and the
/// checksums by which a file proves to be the one that was given.
/// </summary>
internal static class AttachmentCommands
{
    private const string SampleCase = "0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11";

    public static Command Build(CliHost host)
    {
        var attachments = new Verbs<Attachment>(host, "attachment", "The file.", Facts);
        return Group(
            "attachment",
            "Files of cases, which lie in the city's file store: reference and checksum (附件).",
            List(attachments), Add(host, attachments), Verify(host), Remove(attachments));
    }

    private static (string Name, object? Value)[] Facts(Attachment attachment) =>
        [
            ("id", attachment.Id),
            ("case", attachment.CaseId),
            ("reference", attachment.Reference),
            ("media type", attachment.MediaType),
            ("bytes", attachment.Size),
            ("sha256", attachment.Sha256),
            ("note", attachment.Note),
            ("added", attachment.AddedAt),
            ("by", attachment.AddedBy),
            ("taken away", attachment.RemovedAt),
            ("because", attachment.RemovalReason),
        ];

    private static Command List(Verbs<Attachment> attachments) => attachments.List(
        "list", "The files of a case, oldest first, also those taken away.", [], "",
        ["added", "by", "media type", "bytes", "note", "reference", "taken away", "because", "id"],
        async (verb, _, _) =>
            ((await verb.Api.Attachments.ListAttachmentsAsync(new() { CaseId = verb.Id }, verb.Options)).Attachments, ""),
        of: "The case.");

    private static Command Add(CliHost host, Verbs<Attachment> attachments)
    {
        var file = Required("--file", "The file here, of which size and checksum are taken.", "FILE");
        var reference = Required("--reference", "Where it lies in the city's file store: an https or s3 address.", "URL");
        var type = Required("--media-type", "Media type, as in image/jpeg.", "TYPE");
        var note = Option<string>("--note", "What it shows, without personal data.", "TEXT");
        return attachments.On("add", "Add a file that lies in the file store to a case.", [file, reference, type, note],
            "--file gate.jpg --reference https://files.example.org/2026/gate.jpg --media-type image/jpeg --note 东门门轴",
            async verb =>
            {
                var (size, sha256) = await MeasureAsync(host, verb.Text(file), verb.Options.CancellationToken);
                return (await verb.Api.Attachments.AddAttachmentAsync(
                    new()
                    {
                        RequestId = verb.RequestId,
                        CaseId = verb.Id,
                        Reference = verb.Text(reference),
                        MediaType = verb.Text(type),
                        Size = size,
                        Sha256 = sha256,
                        Note = verb.Text(note),
                    },
                    verb.Options)).Attachment;
            },
            of: "The case.");
    }

    private static Command Verify(CliHost host)
    {
        var id = Id("The case.");
        var wanted = Required("--attachment", "The file, as gov attachment list has it.", "UUID");
        var file = Required("--file", "What came from the file store.", "FILE");
        return new Command("verify", "Tell whether a file here is the one that was given; exit code 7 when it is not.").Does(
            host, [id, wanted, file],
            [$"gov attachment verify {SampleCase} --attachment 0197f3c2-b002-7b3e-8f21-3c5d7e9f1a2b --file gate.jpg"],
            async (session, line, cancelled) =>
            {
                var (size, sha256) = await MeasureAsync(host, line.Text(file), cancelled);
                var files = (await session.Api.Attachments.ListAttachmentsAsync(
                    new ListAttachmentsRequest { CaseId = line.GetValue(id) }, cancellationToken: cancelled)).Attachments;
                var given = files.FirstOrDefault(attachment => attachment.Id == line.Text(wanted))
                    ?? throw new UsageException($"The case has no file {line.Text(wanted)}; see: gov attachment list {line.GetValue(id)}");
                var same = given.Size == size && given.Sha256 == sha256;
                session.Out.Answer(
                    () => new JsonObject { ["attachment"] = Printer.ToJson(given), ["same"] = same, ["sha256"] = sha256 },
                    () => session.Out.Draw(Tables.Facts(
                        ("given", $"{given.Sha256}, {given.Size} bytes"),
                        ("here", $"{sha256}, {size} bytes"),
                        ("same", same ? "yes" : "no"))));
                return same ? ExitCodes.Done : ExitCodes.FileDiffers;
            });
    }

    private static Command Remove(Verbs<Attachment> attachments)
    {
        var reason = Required("--reason", "Why.");
        return attachments.On("remove", "Take a file away: its reference goes; that it was there, and why it went, stays.", [reason],
            "--reason 上传有误",
            async verb => (await verb.Api.Attachments.RemoveAttachmentAsync(
                new() { RequestId = verb.RequestId, Id = verb.Id, Reason = verb.Text(reason) }, verb.Options)).Attachment);
    }

    private static async Task<(long Size, string Sha256)> MeasureAsync(CliHost host, string path, CancellationToken cancelled)
    {
        var whole = host.Absolute(path);
        if (!File.Exists(whole))
            throw new UsageException($"There is no file {path}.");
        await using var content = File.OpenRead(whole);
        return (content.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancelled)));
    }
}
