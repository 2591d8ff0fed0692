using FsCheck;
using FsCheck.Fluent;

namespace Governance.Primitives.Tests;

internal static class Property
{
    /// <summary>Fails with the smallest counterexample and the seed that repeats it.</summary>
    public static void Holds<T>(Gen<T> values, Func<T, bool> property, int tests = 500) =>
        Prop.ForAll(values.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(tests));

    public static Gen<(T1, T2, T3)> Three<T1, T2, T3>(Gen<T1> first, Gen<T2> second, Gen<T3> third) =>
        Gen.Zip(first, Gen.Zip(second, third)).Select(t => (t.Item1, t.Item2.Item1, t.Item2.Item2));

    public static Gen<string> Digits(int count) => Gen.ArrayOf(Gen.Choose('0', '9').Select(c => (char)c), count).Select(c => new string(c));
}
