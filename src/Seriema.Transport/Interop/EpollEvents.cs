using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Seriema.Transport.Interop;

/// <summary>An array of the kernel's <c>struct epoll_event</c>, which is packed to 12 bytes on x86-64 and 16 bytes elsewhere.</summary>
internal sealed class EpollEvents
{
    internal const int MaxEventSize = 16;

    internal static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int s_dataOffset = EventSize - sizeof(ulong);

    // Pinned, so that the kernel may write while a collection runs.
    internal readonly byte[] Raw;

    internal EpollEvents(int capacity)
    {
        Capacity = capacity;
        Raw = GC.AllocateArray<byte>(capacity * EventSize, pinned: true);
    }

    internal int Capacity { get; }

    internal uint EventsAt(int index) => Unsafe.ReadUnaligned<uint>(ref Raw[index * EventSize]);

    internal ulong DataAt(int index) => Unsafe.ReadUnaligned<ulong>(ref Raw[(index * EventSize) + s_dataOffset]);

    internal static unsafe void Write(byte* raw, uint events, ulong data)
    {
        Unsafe.WriteUnaligned(raw, events);
        Unsafe.WriteUnaligned(raw + s_dataOffset, data);
    }
}
