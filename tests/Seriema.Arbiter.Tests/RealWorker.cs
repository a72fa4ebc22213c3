using System.Diagnostics;

namespace Seriema.Arbiter.Tests;

/// <summary>A worker of a few lines of Python: it speaks the arbiter's words on a real inherited control socket.</summary>
internal static class RealWorker
{
    internal const string Program = "/usr/bin/env";

    // Ends by itself when the arbiter is gone, so that no test leaves a process behind.
    private const string Script = """
        import os, socket, sys
        control = socket.socket(fileno=int(sys.argv[1]))
        control.setblocking(True)
        command = sys.argv[2]
        if command == "fail":
            control.send(b"failed 4\nTraceback\nseriema: no application")
            sys.exit(4)
        if command == "die":
            os.kill(os.getpid(), 11)
        control.send(b"ready 3.11.2")
        control.send(b"beat 1 2 3 4 5 6000000")
        while True:
            word = control.recv(65536)
            if word in (b"", b"drain", b"stop", b"quit"):
                break
        if word:
            control.send(b"going " + word)
        """;

    internal static IReadOnlyList<string> Arguments => ["python3", "-c", Script];

    /// <summary>The environment of this process, which has the path to Python.</summary>
    internal static IReadOnlyList<string> Environment =>
        [.. System.Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Select(entry => $"{entry.Key}={entry.Value}")];

    internal static void Kill(int pid)
    {
        using Process process = Process.GetProcessById(pid);
        process.Kill();
    }
}
