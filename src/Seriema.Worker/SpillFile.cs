using Seriema.Transport;

namespace Seriema.Worker;

/// <summary>A queue of bytes in a file of <see cref="SpillSpace"/>: written at the end, read or sent from the front.</summary>
/// <remarks>Opened by the first byte, closed by <see cref="Clear"/>. Owned by whoever owns the buffer that it stands in for.</remarks>
internal sealed class SpillFile(SpillSpace space)
{
    private int _fd = -1;
    private long _start;
    private long _end;

    internal bool IsEmpty => _start == _end;

    internal long Length => _end - _start;

    /// <summary>What it takes of the space: all that was written since it was empty.</summary>
    internal long Size => _end;

    internal int Descriptor => _fd;

    /// <summary>Where the first byte that is left stands in the file.</summary>
    internal long Offset => _start;

    /// <summary>False, and nothing is changed, when there is no room.</summary>
    internal bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return true;
        if (_fd < 0 && (_fd = space.Open()) < 0) return false;
        if (TryWrite(bytes)) return true;
        if (IsEmpty) Clear(); // an empty file would keep a descriptor for nothing
        return false;
    }

    private bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (!space.TryTake(bytes.Length)) return false;
        int result = Files.WriteAll(_fd, bytes, _end);
        if (result == 0)
        {
            _end += bytes.Length;
            return true;
        }
        space.GiveBack(bytes.Length);
        space.OnWriteFailed(-result);
        return false;
    }

    /// <summary>Bytes read and taken from the front, or <c>-errno</c>.</summary>
    internal int Read(Span<byte> buffer)
    {
        int read = Files.ReadAll(_fd, buffer[..(int)Math.Min(buffer.Length, Length)], _start);
        if (read > 0) Skip(read);
        return read;
    }

    /// <summary>So many bytes are taken from the front.</summary>
    internal void Skip(long count)
    {
        _start += count;
        if (_start < _end) return;
        // Empty: the disk need not keep what nobody will read.
        _ = Files.Truncate(_fd);
        space.GiveBack(_end);
        _start = _end = 0;
    }

    internal void Clear()
    {
        if (_fd < 0) return;
        _ = Files.Close(_fd);
        space.GiveBack(_end);
        (_fd, _start, _end) = (-1, 0, 0);
    }
}
