using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Seriema.CPython;

namespace Seriema.Wsgi.Tests;

/// <summary>The one interpreter of the test process, started and ended on a thread of its own.</summary>
public sealed class PythonFixture : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _main;

    public PythonFixture()
    {
        _main = new Thread(() =>
        {
            foreach (Action action in _work.GetConsumingEnumerable()) action();
        })
        { Name = "Python main" };
        _main.Start();
        OnMain(() => PythonRuntime.Initialize(PythonLocator.Find(null), ["seriema"]));
        OnMain(() => AddToPath(AppFolder));
    }

    /// <summary>The folder tests/apps of the source tree.</summary>
    public static string AppFolder { get; } = Path.GetFullPath(Path.Combine(SourceFolder(), "../apps"));

    /// <summary>Runs on Python's main thread, without the GIL, and passes exceptions on.</summary>
    public void OnMain(Action action)
    {
        Exception? failure = null;
        using var done = new ManualResetEventSlim();
        _work.Add(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = e;
            }
            finally
            {
                done.Set();
            }
        });
        done.Wait();
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    internal Gateway Load(string application, LogRecorder? log = null, bool isMultithreaded = true)
    {
        Gateway? gateway = null;
        OnMain(() => gateway = Gateway.Load(new GatewayOptions
        {
            Application = application,
            IsMultithreaded = isMultithreaded,
            HasDeadline = true,
            LoggerFactory = log is null ? NullLoggerFactory.Instance : log,
        }));
        return gateway!;
    }

    public void Dispose()
    {
        OnMain(() => PythonRuntime.FinalizeInterpreter());
        _work.CompleteAdding();
        _main.Join();
    }

    private static void AddToPath(string folder)
    {
        using GilScope gil = GilScope.Enter();
        using PyOwned entry = PyStrings.FromFileName(folder).OrThrow();
        Assert.Equal(0, Python.PyList_Insert(Python.PySys_GetObject("path"), 0, entry));
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}

[CollectionDefinition("Python")]
public sealed class PythonCollection : ICollectionFixture<PythonFixture>;
