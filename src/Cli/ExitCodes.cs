namespace Governance.Cli;

/// <summary>What a script can tell from how `gov` ended. Printed in the help of `gov`.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Refused = 1;
    public const int Usage = 2;
    public const int Unreachable = 3;
    public const int PackBroken = 4;
    public const int DemoFailed = 5;
    public const int FiguresDiffer = 6;
    public const int FileDiffers = 7;
    public const int Cancelled = 130;
}

/// <summary>The command can't be carried out as it was given; the message says what to change.</summary>
internal sealed class UsageException(string message) : Exception(message);
