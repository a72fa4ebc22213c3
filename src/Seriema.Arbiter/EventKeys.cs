using Seriema.Transport;
using Seriema.Transport.Interop;

namespace Seriema.Arbiter;

/// <summary>What an event of the arbiter's epoll belongs to. Ids are never used twice, so an old event finds nothing.</summary>
internal static class EventKeys
{
    internal const uint Readable = Libc.EPOLLIN;
    internal const uint Writable = Libc.EPOLLOUT;
    internal const uint HungUp = Libc.EPOLLHUP | Libc.EPOLLERR;

    /// <summary>The control socket that listens.</summary>
    internal const ulong ControlListener = Epoll.WakeKey - 1;

    private const ulong ClientBit = 1ul << 32;

    internal static ulong Worker(int id) => (uint)id;

    internal static ulong Client(int id) => ClientBit | (uint)id;

    internal static bool IsClient(ulong key) => (key & ClientBit) != 0;

    internal static int IdOf(ulong key) => (int)(uint)key;
}
