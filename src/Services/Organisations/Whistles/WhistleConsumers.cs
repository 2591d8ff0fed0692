using Governance.Contracts.Events;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Events;

namespace Governance.Organisations.Whistles;

/// <summary>A whistle was blown on a case: every department called gets its summons.</summary>
public sealed class WhistleBlownConsumer(Commands commands) : EventConsumer<WhistleBlown>(commands)
{
    protected override Task ApplyAsync(WhistleBlown happened, Command command)
    {
        foreach (var called in Summons.Of(happened, command.NewId))
            WhistleStore.Add(command, called);
        command.Concerns(happened.Territory, happened.WhistleId);
        return Task.CompletedTask;
    }
}

/// <summary>A whistle is over: its summonses stand open no more. Events of a case come in order, so that they are there.</summary>
public sealed class WhistleClosedConsumer(Commands commands) : EventConsumer<WhistleClosed>(commands)
{
    protected override Task ApplyAsync(WhistleClosed happened, Command command)
    {
        WhistleStore.Close(command, happened.WhistleId, happened.ClosedAt);
        command.Concerns(happened.Territory, happened.WhistleId);
        return Task.CompletedTask;
    }
}
