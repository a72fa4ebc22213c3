using BenchmarkDotNet.Attributes;
using Seriema.CPython;

namespace Microbench;

/// <summary>Taking the GIL when nobody else wants it, and giving it back: once per request.</summary>
public class Gil
{
    [GlobalSetup]
    public void Setup()
    {
        HelloServer.EnsureStarted();
        EnterAndLeave(); // the first time makes the thread's state
    }

    [GlobalCleanup]
    public void Cleanup() => PythonThread.Detach(); // every benchmark has a thread of its own

    [Benchmark]
    public void EnterAndLeave()
    {
        using GilScope gil = GilScope.Enter();
    }
}
