using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Governance.TestKit;

/// <summary>Keeps what a service logs. A test fails on any error that it did not announce.</summary>
public sealed class LogScope : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string Category, string Text)> lines = new();
    private readonly ConcurrentBag<string> expected = [];

    public IEnumerable<string> Lines => lines.Select(l => $"{l.Level} {l.Category}: {l.Text}");

    /// <summary>An error whose text or category contains this is part of the test.</summary>
    public void Expect(string part) => expected.Add(part);

    public IReadOnlyList<string> UnexpectedErrors() =>
        [.. lines.Where(l => l.Level >= LogLevel.Error && !expected.Any(e => l.Text.Contains(e) || l.Category.Contains(e))).Select(l => $"{l.Category}: {l.Text}")];

    /// <summary>Forgets what earlier tests of the class have logged.</summary>
    public void Clear()
    {
        lines.Clear();
        expected.Clear();
    }

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, lines);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<(LogLevel, string, string)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                lines.Enqueue((logLevel, category, exception is null ? formatter(state, null) : $"{formatter(state, exception)} | {exception}"));
        }
    }
}
