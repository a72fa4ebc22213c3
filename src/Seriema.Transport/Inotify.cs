using System.Runtime.InteropServices;
using Seriema.Transport.Interop;

namespace Seriema.Transport;

/// <summary>What happened in a watched folder.</summary>
internal enum FolderChange
{
    /// <summary>A name in it was made, removed, renamed, or what it leads to was written.</summary>
    Name,

    /// <summary>The folder itself was moved or deleted.</summary>
    Itself,

    /// <summary>The watch has ended: the folder is gone.</summary>
    WatchEnded,

    /// <summary>More happened than the kernel kept: nothing is known of any folder.</summary>
    Lost,
}

/// <summary>Tells when something in one of a number of folders changes. Owns its descriptor and the watches on it.</summary>
/// <remarks>One thread at a time. The calls that reach the kernel are virtual, so that a test can script its answers.</remarks>
internal class Inotify : IDisposable
{
    private const uint Mask = Libc.IN_MODIFY | Libc.IN_ATTRIB | Libc.IN_CLOSE_WRITE | Libc.IN_MOVED_FROM | Libc.IN_MOVED_TO
        | Libc.IN_CREATE | Libc.IN_DELETE | Libc.IN_DELETE_SELF | Libc.IN_MOVE_SELF | Libc.IN_ONLYDIR;

    // struct inotify_event { int wd; uint32_t mask, cookie, len; char name[]; }
    private const int HeaderSize = 16;
    private const int BufferSize = 16384; // some hundred events a call; one with the longest name needs 272 bytes

    private readonly byte[] _buffer = new byte[BufferSize];
    private int _isDisposed;

    internal Inotify() => Descriptor = Libc.CreateInotify();

    /// <summary>Readable when there is something to <see cref="Read"/>; negative where the user has no instance left.</summary>
    internal int Descriptor { get; }

    /// <summary>Watches an open folder; the watch's number, the same for the same folder, or <c>-errno</c>.</summary>
    internal virtual int Add(int folder)
    {
        if (Descriptor < 0) return Descriptor;
        // By descriptor, so that no rename in between makes it another folder than the one that was looked at.
        Span<byte> link = stackalloc byte[FolderRoot.ProcessLinkLength];
        return Libc.AddWatch(Descriptor, link[..FolderRoot.ProcessLink(folder, link)], Mask);
    }

    internal virtual void Remove(int watch) => _ = Libc.RemoveWatch(Descriptor, watch);

    /// <summary>Takes what the kernel has ready, without waiting; the events are valid until the next call.</summary>
    internal Events Read()
    {
        int length = Receive(_buffer);
        return new Events(_buffer.AsSpan(0, Math.Max(0, length)));
    }

    /// <summary>Bytes of events, or <c>-errno</c>.</summary>
    protected virtual int Receive(Span<byte> buffer) => Descriptor < 0 ? Descriptor : Libc.Read(Descriptor, buffer);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0 && Descriptor >= 0) _ = Libc.Close(Descriptor);
        GC.SuppressFinalize(this);
    }

    /// <summary>The events of one read, one after the other.</summary>
    internal ref struct Events
    {
        private ReadOnlySpan<byte> _rest;

        internal Events(ReadOnlySpan<byte> bytes)
        {
            _rest = bytes;
            IsEmpty = bytes.IsEmpty;
        }

        internal readonly bool IsEmpty { get; }

        /// <summary>The watch that the event is of.</summary>
        internal int Watch { get; private set; }

        internal FolderChange Change { get; private set; }

        /// <summary>The name in the folder; empty for what concerns the folder itself.</summary>
        internal ReadOnlySpan<byte> Name { get; private set; }

        internal bool MoveNext()
        {
            if (_rest.Length < HeaderSize) return false;
            Watch = MemoryMarshal.Read<int>(_rest);
            uint mask = MemoryMarshal.Read<uint>(_rest[4..]);
            int length = MemoryMarshal.Read<int>(_rest[12..]);
            ReadOnlySpan<byte> name = _rest.Slice(HeaderSize, length); // padded with NULs
            int end = name.IndexOf((byte)0);
            Name = end < 0 ? name : name[..end];
            Change = ChangeOf(mask);
            _rest = _rest[(HeaderSize + length)..];
            return true;
        }

        private readonly FolderChange ChangeOf(uint mask) =>
            (mask & Libc.IN_Q_OVERFLOW) != 0 ? FolderChange.Lost
            : (mask & Libc.IN_IGNORED) != 0 ? FolderChange.WatchEnded
            : (mask & (Libc.IN_DELETE_SELF | Libc.IN_MOVE_SELF | Libc.IN_UNMOUNT)) != 0 || Name.IsEmpty ? FolderChange.Itself
            : FolderChange.Name;
    }
}
