using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Pipelines.Sockets.Unofficial;

namespace Governance.StandIns.Redis.Tests;

/// <summary>The pipes without a Redis client on top.</summary>
public sealed class SocketConnectionTests
{
    [Fact]
    public async Task Bytes_pass_both_ways_while_both_sides_write()
    {
        var (left, right) = await PairAsync();
        using var _ = left;
        using var __ = right;
        var sent = new byte[20 << 20];
        new Random(1).NextBytes(sent);

        var results = await Task.WhenAll(
            SendAsync(left, sent), ReceiveAsync(right), SendAsync(right, sent), ReceiveAsync(left)).InTimeAsync();

        results[1].AsSpan().SequenceEqual(sent).ShouldBeTrue();
        results[3].AsSpan().SequenceEqual(sent).ShouldBeTrue();
        left.BytesSent.ShouldBe(sent.Length);
        left.BytesRead.ShouldBe(sent.Length);
    }

    [Fact]
    public async Task A_writer_waits_when_nobody_reads()
    {
        var (left, right) = await PairAsync(new PipeOptions(pauseWriterThreshold: 100_000, resumeWriterThreshold: 50_000));
        using var _ = left;
        using var __ = right;

        var written = 0;
        ValueTask<FlushResult> flush;
        do
        {
            left.Output.GetMemory(10_000);
            left.Output.Advance(10_000);
            written += 10_000;
            flush = left.Output.FlushAsync(TestContext.Current.CancellationToken);
            if (!flush.IsCompleted) await Task.WhenAny(flush.AsTask(), Task.Delay(300, TestContext.Current.CancellationToken));
        }
        while (flush.IsCompleted && written < 100 << 20);

        written.ShouldBeLessThan(50 << 20);
        left.GetCounters().BytesWaitingToBeSent.ShouldBeGreaterThan(50_000);
        // The receiving pipe holds no more than its limit, and says how much.
        right.GetCounters().BytesWaitingToBeRead.ShouldBeInRange(1, 100_000 + 64 * 1024);

        var reading = ReceiveAsync(right);
        await left.Output.CompleteAsync();
        (await reading.InTimeAsync()).Length.ShouldBe(written);
    }

    [Fact]
    public async Task A_reset_fails_the_reader_and_ends_the_writer()
    {
        var (left, right) = await PairAsync();
        using var _ = left;
        // Closing with a linger time of nothing sends a reset.
        right.Socket.LingerState = new LingerOption(true, 0);
        right.Dispose();

        await Should.ThrowAsync<ConnectionResetException>(() => ReceiveAsync(left).InTimeAsync());
        await Eventually.BecomesTrueAsync(
            async () => (await left.Output.WriteAsync(new byte[1], TestContext.Current.CancellationToken)).IsCompleted,
            () => "the writer does not learn of the reset");
        left.SocketError.ShouldBe(SocketError.ConnectionReset);
        left.ShutdownKind.ShouldBe(PipeShutdownKind.ReadSocketError);
    }

    [Fact]
    public async Task The_end_of_the_other_side_ends_reading_only()
    {
        var (left, right) = await PairAsync();
        using var _ = left;
        using var __ = right;
        await right.Output.CompleteAsync();

        (await ReceiveAsync(left).InTimeAsync()).ShouldBeEmpty();
        left.ShutdownKind.ShouldBe(PipeShutdownKind.ReadEndOfStream);
        await SendAsync(left, [1, 2, 3]).InTimeAsync();
        (await ReceiveAsync(right).InTimeAsync()).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task Disposing_ends_a_waiting_reader_and_a_waiting_writer()
    {
        var (left, right) = await PairAsync(new PipeOptions(pauseWriterThreshold: 1000, resumeWriterThreshold: 500));
        using var _ = right;
        var reading = ReceiveAsync(left);
        var writing = WriteForeverAsync(left);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        left.Dispose();

        (await reading.InTimeAsync()).ShouldBeEmpty();
        await writing.InTimeAsync();
        left.ShutdownKind.ShouldBe(PipeShutdownKind.PipeDisposed);

        static async Task WriteForeverAsync(SocketConnection connection)
        {
            while (!(await connection.Output.WriteAsync(new byte[64 * 1024])).IsCompleted)
            {
            }
        }
    }

    [Fact]
    public async Task Scheduled_work_all_runs_and_the_threads_end_with_the_scheduler()
    {
        var scheduler = new DedicatedThreadPoolPipeScheduler("sched-probe", 3);
        var ran = 0;
        for (var i = 0; i < 10_000; i++) scheduler.Schedule(_ => Interlocked.Increment(ref ran), null);
        await Eventually.BecomesTrueAsync(() => ran == 10_000, () => $"{ran} of 10000 ran");
        (scheduler.TotalServicedByPool + scheduler.TotalServicedByQueue).ShouldBe(10_000);
        scheduler.AvailableCount.ShouldBeLessThanOrEqualTo(scheduler.WorkerCount);

        for (var i = 0; i < 1000; i++) scheduler.Schedule(_ => Interlocked.Increment(ref ran), null);
        scheduler.Dispose();
        for (var i = 0; i < 1000; i++) scheduler.Schedule(_ => Interlocked.Increment(ref ran), null);

        await Eventually.BecomesTrueAsync(() => ran == 12_000, () => $"{ran} of 12000 ran");
    }

    private static async Task<(SocketConnection Left, SocketConnection Right)> PairAsync(PipeOptions? options = null)
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!);
        var server = await listener.AcceptAsync();
        SocketConnection.SetRecommendedClientOptions(client);
        return (SocketConnection.Create(client, options, options), SocketConnection.Create(server, options, options));
    }

    private static async Task<byte[]> SendAsync(SocketConnection connection, byte[] bytes)
    {
        for (var at = 0; at < bytes.Length; at += 100_000)
            await connection.Output.WriteAsync(bytes.AsMemory(at, Math.Min(100_000, bytes.Length - at)));
        await connection.Output.CompleteAsync();
        return bytes;
    }

    private static async Task<byte[]> ReceiveAsync(SocketConnection connection)
    {
        using var all = new MemoryStream();
        while (true)
        {
            var result = await connection.Input.ReadAsync();
            foreach (var piece in result.Buffer) all.Write(piece.Span);
            connection.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) break;
        }

        await connection.Input.CompleteAsync();
        return all.ToArray();
    }
}
