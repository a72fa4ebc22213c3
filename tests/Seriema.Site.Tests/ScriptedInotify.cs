using System.Runtime.InteropServices;
using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Site.Tests;

/// <summary>Watches as the kernel has them, until it is told to refuse, or to say that events were lost.</summary>
internal sealed class ScriptedInotify : Inotify
{
    /// <summary>How many more watches the user has.</summary>
    internal int Left { get; set; } = int.MaxValue;

    internal bool Overflows { get; set; }

    internal override int Add(int folder)
    {
        if (Left <= 0) return -FileErrno.ENOSPC;
        Left--;
        return base.Add(folder);
    }

    protected override int Receive(Span<byte> buffer)
    {
        int length = base.Receive(buffer);
        if (!Overflows) return length;
        Overflows = false;
        // What the kernel puts at the end of a queue that was full: no watch, no name.
        MemoryMarshal.Write(buffer, -1);
        MemoryMarshal.Write(buffer[4..], Libc.IN_Q_OVERFLOW);
        MemoryMarshal.Write(buffer[8..], 0L);
        return 16;
    }
}
