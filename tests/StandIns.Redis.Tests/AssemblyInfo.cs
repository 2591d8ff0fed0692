// One after the other: throughput, memory and leak counts mean nothing beside other tests.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(Governance.StandIns.Redis.Tests.RedisServer))]
