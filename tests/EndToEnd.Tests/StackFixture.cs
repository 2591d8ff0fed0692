using Xunit;

// One stack at a time: this is about the whole machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Governance.EndToEnd.Tests;

/// <summary>One running stack for the tests that only use it.</summary>
public sealed class StackFixture : IAsyncLifetime
{
    private Scratch scratch = null!;

    internal RunningStack Stack { get; private set; } = null!;

    /// <summary>Clients that nobody here wrote, run once each against this stack.</summary>
    internal ForeignClients Foreign { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        scratch = new Scratch();
        Stack = await RunningStack.StartAsync(scratch.Folder);
        Foreign = new ForeignClients(Stack, scratch);
    }

    public async ValueTask DisposeAsync()
    {
        if (Stack is not null)
            await Stack.DisposeAsync();
        scratch.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class StackCollection : ICollectionFixture<StackFixture>
{
    public const string Name = "stack";
}
