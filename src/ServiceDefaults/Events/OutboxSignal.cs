namespace Governance.ServiceDefaults.Events;

/// <summary>Tells the relay of this process that a command has written to the outbox, so that it need not wait for its poll.</summary>
public sealed class OutboxSignal
{
    private readonly SemaphoreSlim written = new(0, 1);

    public void Written()
    {
        // One waiting signal is enough: the relay takes all rows there are.
        if (written.CurrentCount is 0)
        {
            try
            {
                written.Release();
            }
            catch (SemaphoreFullException)
            {
            }
        }
    }

    public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellation) => written.WaitAsync(atMost, cancellation);
}
