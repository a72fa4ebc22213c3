using Seriema.Transport.Interop;

namespace Seriema.Transport.Tests;

/// <summary>Owns a descriptor for the length of a test.</summary>
internal sealed class Descriptor : IDisposable
{
    internal Descriptor(int fd)
    {
        Assert.True(fd >= 0, $"no descriptor: {fd}");
        Fd = fd;
    }

    internal int Fd { get; }

    public void Dispose() => Libc.Close(Fd);
}
