using System.ComponentModel;

namespace Seriema.Transport;

/// <summary>A system call that must not fail did: at start it becomes one line and an exit status.</summary>
internal sealed class LinuxException : Exception
{
    internal LinuxException(string call, int errno)
        : base($"{call}: {new Win32Exception(errno).Message}")
    {
        Call = call;
        ErrorNumber = errno;
    }

    internal string Call { get; }

    internal int ErrorNumber { get; }
}
