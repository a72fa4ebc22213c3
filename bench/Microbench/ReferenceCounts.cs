using BenchmarkDotNet.Attributes;
using Seriema.CPython;

namespace Microbench;

/// <summary>One more reference and one less, in place and through Python's own functions.</summary>
public class ReferenceCounts
{
    private const int Pairs = 1000; // for one turn with the GIL, whose cost then does not show

    private nint _object; // owned

    [GlobalSetup]
    public void Setup()
    {
        HelloServer.EnsureStarted();
        using GilScope gil = GilScope.Enter();
        _object = Python.PyList_New(0).OrThrow().Take();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        using (GilScope.Enter()) Python.Py_DecRef(_object);
        PythonThread.Detach(); // every benchmark has a thread of its own
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Pairs)]
    public void ByPython()
    {
        using GilScope gil = GilScope.Enter();
        nint o = _object;
        for (int i = 0; i < Pairs; i++)
        {
            Python.Py_IncRef(o);
            Python.Py_DecRef(o);
        }
    }

    [Benchmark(OperationsPerInvoke = Pairs)]
    public void InPlace()
    {
        using GilScope gil = GilScope.Enter();
        nint o = _object;
        for (int i = 0; i < Pairs; i++)
        {
            Refcount.Increment(o);
            Refcount.Decrement(o);
        }
    }
}
