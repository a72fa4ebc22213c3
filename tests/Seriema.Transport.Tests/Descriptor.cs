using System.Runtime.InteropServices;
using Seriema.Transport.Interop;

namespace Seriema.Transport.Tests;

/// <summary>Owns a descriptor for the length of a test.</summary>
internal sealed partial class Descriptor : IDisposable
{
    internal Descriptor(int fd)
    {
        Assert.True(fd >= 0, $"no descriptor: {fd}");
        Fd = fd;
    }

    internal int Fd { get; }

    /// <summary>Another descriptor for the same thing, as an inherited one is.</summary>
    internal static int Duplicate(int fd) => dup(fd);

    // int dup(int oldfd)
    [LibraryImport("libc")]
    private static partial int dup(int fd);

    public void Dispose() => Libc.Close(Fd);
}
