using Seriema.Transport.Interop;

namespace Seriema.Transport;

/// <summary>Writes to a descriptor that somebody else owns, such as standard error, each call at once. Any thread.</summary>
/// <remarks>
/// Not <c>Console.OpenStandardError</c>: that one duplicates the descriptor, and would go on writing to the old file when
/// a log file takes its place.
/// </remarks>
internal sealed class DescriptorStream(int fd) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="IOException">The other end is gone, or the disk is full.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            switch (Libc.Write(fd, buffer))
            {
                case >= 0 and int count: buffer = buffer[count..]; break;
                case -Errno.EINTR: break;
                // Who shares a terminal or a pipe with us may have made it non-blocking.
                case -Errno.EAGAIN: _ = Libc.Poll(fd, Libc.POLLOUT, timeout: -1); break;
                case int error: throw new IOException(new LinuxException("write", -error).Message);
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
