using Seriema.CPython;

namespace Seriema.PythonHost;

/// <summary>One process with one interpreter, for the tests: a process can hold no second one.</summary>
/// <remarks>
/// <c>PYTHON checks</c> runs every check and prints a line for each; <c>PYTHON run CODE</c> runs Python code;
/// <c>PYTHON stuck CODE</c> runs it on a second thread and ends while it runs, once the file $STUCK_FILE exists.
/// </remarks>
public static class Program
{
    public static int Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        try
        {
            PythonInstallation installation = PythonLocator.Find(args[0]);
            PythonRuntime.Initialize(installation, ["the-program", "å"]);
        }
        catch (PythonNotFoundException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
        int failures = args[1] switch
        {
            "checks" => RunChecks(),
            "run" => RunCode(args[2]),
            "stuck" => RunStuck(args[2]),
            _ => throw new ArgumentException(args[1]),
        };
        int flushed = PythonRuntime.FinalizeInterpreter();
        Console.WriteLine($"ended {flushed}");
        return failures;
    }

    private static int RunChecks()
    {
        int failures = 0;
        foreach ((string name, Action check) in Checks.All)
        {
            try
            {
                check();
                Console.WriteLine($"ok {name}");
            }
#pragma warning disable CA1031 // any failure is the result that this program reports
            catch (Exception e)
#pragma warning restore CA1031
            {
                Console.WriteLine($"failed {name}: {e.ToString().Replace('\n', '|')}");
                failures++;
            }
        }
        return failures;
    }

    private static int RunCode(string code)
    {
        using GilScope gil = GilScope.Enter();
        try
        {
            using PyOwned globals = PyCode.Run(code, "<host>");
            return 0;
        }
        catch (PythonException e)
        {
            Console.WriteLine(e.Format());
            return 1;
        }
    }

    private static int RunStuck(string code)
    {
        Thread thread = new(() => RunCode(code)) { IsBackground = true };
        thread.Start();
        while (!File.Exists(Environment.GetEnvironmentVariable("STUCK_FILE"))) Thread.Yield();
        return 0;
    }
}
