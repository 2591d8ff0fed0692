using Google.Protobuf;
using Grpc.Core;

namespace Governance.Cli.Client;

/// <summary>A file that a service sends in pieces.</summary>
internal static class Download
{
    /// <summary>Writes the joined pieces and tells how many bytes they are. A stream that is cut leaves no file that looks whole.</summary>
    public static async Task<long> ToFileAsync<TResponse>(
        AsyncServerStreamingCall<TResponse> call, Func<TResponse, ByteString> chunk, string path, CancellationToken cancelled)
    {
        var part = path + ".part";
        try
        {
            await using (var file = File.Create(part))
            {
                await foreach (var piece in call.ResponseStream.ReadAllAsync(cancelled))
                    await file.WriteAsync(chunk(piece).Memory, cancelled);
            }
            File.Move(part, path, overwrite: true);
            return new FileInfo(path).Length;
        }
        finally
        {
            File.Delete(part);
        }
    }
}
