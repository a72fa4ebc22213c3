using System.Diagnostics;

namespace Seriema.Process.Tests;

/// <summary>For what has no event: the state of another process, or a file of its own making.</summary>
internal static class Eventually
{
    internal static void True(Func<bool> condition, string otherwise)
    {
        long start = Stopwatch.GetTimestamp();
        using ManualResetEventSlim never = new();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > ServerProcess.Patience) throw new TimeoutException(otherwise);
            never.Wait(5); // gives the processor away; the result does not depend on it
        }
    }
}
