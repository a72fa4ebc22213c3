using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Seriema.CPython;

/// <summary>Runs an interpreter once and reads what it says about itself.</summary>
/// <remarks>
/// By posix_spawn, not Process: that class would install a SIGCHLD handler for good, which Python programs would then
/// see
/// as not theirs, and it costs more start-up time than the interpreter itself.
/// </remarks>
internal sealed unsafe class PythonProbe
{
    private const string Mark = "seriema:";
    private const int TimeoutMilliseconds = 15_000; // a cold disk is slow; a hanging wrapper script must not hang us
    private const int MaxOutput = 1 << 16;          // the answer is under 1 KiB

    // Runs on any Python from 2.7 on, so that an old one is told apart from a broken one. A library that the
    // interpreter
    // has mapped is the right one beyond doubt; only a statically linked interpreter has to load sysconfig.
    private const string Script = """
        import sys
        out = []
        def say(key, value):
            out.append('seriema:%s=%s' % (key, value))
        say('version', '%d.%d.%d' % tuple(sys.version_info[:3]))
        say('text', sys.version.split()[0])
        say('implementation', sys.implementation.name if hasattr(sys, 'implementation') else 'cpython')
        say('executable', sys.executable)
        say('base', getattr(sys, 'base_prefix', sys.prefix))
        say('abiflags', getattr(sys, 'abiflags', ''))
        try:
            with open('/proc/self/maps', 'rb') as maps:
                names = [line.split(None, 5)[5].strip() for line in maps if b'/libpython' in line]
        except Exception:
            names = []
        if names:
            name = names[0]
            say('mapped', name if str is bytes else name.decode(sys.getfilesystemencoding(), 'surrogateescape'))
        else:
            import sysconfig
            for key in 'LIBDIR', 'INSTSONAME', 'LDLIBRARY', 'MULTIARCH', 'Py_GIL_DISABLED':
                say(key, sysconfig.get_config_var(key) or '')
        print('\n'.join(out))
        """;

    private readonly Dictionary<string, string> _answers;

    private PythonProbe(int error, int exitCode, string noise, Dictionary<string, string> answers)
    {
        Error = error;
        ExitCode = exitCode;
        Noise = noise;
        _answers = answers;
    }

    /// <summary>The errno with which it could not be started; 0 when it ran.</summary>
    internal int Error { get; }

    /// <summary>The exit status; -1 when it was ended by a signal or took too long.</summary>
    internal int ExitCode { get; }

    /// <summary>The last line that was not part of the answer, such as an error message.</summary>
    internal string Noise { get; }

    internal bool Answered => _answers.ContainsKey("version");

    internal string this[string key] => _answers.GetValueOrDefault(key, "");

    internal static PythonProbe Run(string executable)
    {
        // -I: nothing of the current folder, the environment or the user's site decides the answer; -S: no site, which
        // halves the time. PYTHONHOME is the exception: an interpreter that needs it does not start without it.
        string isolation = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("PYTHONHOME")) ? "-IS" : "-sS";
        PythonProbe probe = Run(executable, [executable, isolation, "-c", Script]);
        // Python 2 has no -I; it shall still say which version it is.
        return probe.Answered || probe.Error != 0 || probe.ExitCode < 0 ? probe : Run(executable, [executable, "-c", Script]);
    }

    private static PythonProbe Run(string executable, string[] argv)
    {
        int* pipe = stackalloc int[2];
        if (HostLibc.pipe2(pipe, HostLibc.O_CLOEXEC) < 0) return Failed(Marshal.GetLastPInvokeError());
        byte* actions = stackalloc byte[HostLibc.SpawnFileActionsSize];
        byte** arguments = stackalloc byte*[argv.Length + 1];
        try
        {
            for (int i = 0; i < argv.Length; i++) arguments[i] = (byte*)Marshal.StringToCoTaskMemUTF8(argv[i]);
            arguments[argv.Length] = null;
            int pid = 0;
            int error = HostLibc.posix_spawn_file_actions_init(actions);
            fixed (byte* devNull = "/dev/null"u8, path = Encoding.UTF8.GetBytes(executable + '\0'))
            {
                if (error == 0) error = HostLibc.posix_spawn_file_actions_addopen(actions, 0, devNull, HostLibc.O_RDONLY, 0);
                if (error == 0) error = HostLibc.posix_spawn_file_actions_adddup2(actions, pipe[1], 1);
                if (error == 0) error = HostLibc.posix_spawn_file_actions_adddup2(actions, pipe[1], 2);
                if (error == 0) error = HostLibc.posix_spawn(&pid, path, actions, 0, arguments, HostLibc.Environ);
                _ = HostLibc.posix_spawn_file_actions_destroy(actions);
            }
            _ = HostLibc.close(pipe[1]);
            pipe[1] = -1;
            if (error != 0) return Failed(error);
            string output = ReadToEnd(pipe[0], out bool complete);
            return Parse(output, Wait(pid, complete));
        }
        finally
        {
            for (int i = 0; i < argv.Length; i++) Marshal.FreeCoTaskMem((nint)arguments[i]);
            _ = HostLibc.close(pipe[0]);
            if (pipe[1] >= 0) _ = HostLibc.close(pipe[1]);
        }
    }

    private static PythonProbe Failed(int error) => new(error, -1, "", []);

    private static string ReadToEnd(int fd, out bool complete)
    {
        long deadline = Environment.TickCount64 + TimeoutMilliseconds;
        ArrayBufferWriter<byte> output = new(4096);
        complete = false;
        while (output.WrittenCount < MaxOutput)
        {
            HostLibc.PollFd poll = new() { fd = fd, events = HostLibc.POLLIN };
            int left = (int)Math.Max(0, deadline - Environment.TickCount64);
            int ready = HostLibc.poll(&poll, 1, left);
            if (ready < 0 && Marshal.GetLastPInvokeError() == HostLibc.EINTR) continue;
            if (ready <= 0) break;
            fixed (byte* buffer = output.GetSpan(4096))
            {
                nint count = HostLibc.read(fd, buffer, 4096);
                if (count < 0 && Marshal.GetLastPInvokeError() == HostLibc.EINTR) continue;
                if (count <= 0)
                {
                    complete = count == 0;
                    break;
                }
                output.Advance((int)count);
            }
        }
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static int Wait(int pid, bool complete)
    {
        if (!complete) _ = HostLibc.kill(pid, HostLibc.SIGKILL);
        int status = 0;
        while (HostLibc.waitpid(pid, &status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != HostLibc.EINTR) return -1;
        }
        // WIFEXITED, WEXITSTATUS
        return complete && (status & 0x7f) == 0 ? (status >> 8) & 0xff : -1;
    }

    private static PythonProbe Parse(string output, int exitCode)
    {
        Dictionary<string, string> answers = [];
        string noise = "";
        foreach (string line in output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (!line.StartsWith(Mark, StringComparison.Ordinal) || equals < 0) noise = line;
            else answers[line[Mark.Length..equals]] = line[(equals + 1)..];
        }
        return new PythonProbe(0, exitCode, noise, answers);
    }
}
