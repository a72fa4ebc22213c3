namespace Seriema.CPython.Tests;

/// <summary>What a Python programmer expects of the end of a program.</summary>
public sealed class EndTests
{
    public static TheoryData<string> Pythons => StartTests.Pythons;

    [Theory, MemberData(nameof(Pythons))]
    public void Threads_are_joined_then_handlers_run_then_output_is_flushed(string python)
    {
        HostProcess run = HostProcess.Host([python, "run", """
            import atexit, sys, threading
            atexit.register(lambda: sys.stdout.write('handler\n'))
            def work():
                threading.main_thread().join() # ends when the end of the program begins
                sys.stdout.write('thread\n')
            threading.Thread(target=work).start()
            sys.stdout.write('main\n')
            """]);
        Assert.Equal("main\nthread\nhandler\nended 0\n", run.Output);
    }

    [Theory, MemberData(nameof(Pythons))]
    public void Daemon_threads_do_not_keep_the_process(string python)
    {
        HostProcess run = HostProcess.Host([python, "run", """
            import threading, time
            def forever():
                while True: time.sleep(0.001)
            for i in range(4): threading.Thread(target=forever, daemon=True).start()
            """]);
        Assert.Equal("ended 0\n", run.Output);
    }

    [Theory, MemberData(nameof(Pythons))]
    public void Handlers_run_even_while_a_thread_is_stuck_in_Python(string python)
    {
        using TemporaryFolder folder = new();
        Dictionary<string, string?> environment = new() { ["STUCK_FILE"] = folder.File("stuck") };
        HostProcess run = HostProcess.Host([python, "stuck", """
            import atexit, os, sys, threading
            atexit.register(lambda: sys.stdout.write('handler\n'))
            open(os.environ['STUCK_FILE'], 'w').close()
            threading.Event().wait()
            """], environment);
        Assert.Equal("handler\nended 0\n", run.Output);
    }

    [Theory, MemberData(nameof(Pythons))]
    public void Output_that_cannot_be_written_is_reported(string python)
    {
        HostProcess run = HostProcess.Host([python, "run", """
            import os, sys
            os.dup2(os.open('/dev/full', os.O_WRONLY), 2)
            sys.stderr = None
            sys.stdout = open('/dev/full', 'w')
            sys.stdout.write('lost')
            """]);
        Assert.Equal("ended -1\n", run.Output);
    }
}
