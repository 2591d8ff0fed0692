using Governance.Cli;

return await Gov.RunAsync(args, CliHost.OfThisProcess());
