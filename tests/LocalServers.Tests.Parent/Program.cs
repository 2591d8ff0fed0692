using Governance.LocalServers;

// A process for the tests to kill: starts the three servers below the given folder, prints their pids, and waits for its end.
var folder = args[0];
var postgres = PostgresServer.StartAsync(Path.Combine(folder, "postgres"), new PostgresOptions { Durable = false, SharedBuffers = "16MB" });
var redis = RedisServer.StartAsync(Path.Combine(folder, "redis"));
var rabbit = RabbitServer.StartAsync(Path.Combine(folder, "rabbit"));
LocalServer[] servers = [await postgres, await redis, await rabbit];
Console.WriteLine(string.Join(' ', servers.SelectMany(server => server.ProcessIds)));
await Task.Delay(Timeout.Infinite);
