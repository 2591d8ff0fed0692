namespace Governance.Primitives;

/// <summary>
/// The end of a limit. Provisional year: the last year between its start and its end whose holidays were still provisional when it was
/// computed; 0 when there is none. The instant stays when the final ones come, so that this stays with it.
/// </summary>
public readonly record struct Due(DateTimeOffset At, int ProvisionalYear = 0);
