using System.Text;

namespace Seriema.Cli;

/// <summary>Standard output or error: each call is one write to the stream, at once. Any thread.</summary>
/// <remarks>
/// Who started the server may close the other end of its output, or fill the disk under it; neither is a reason to
/// stop serving, so what cannot be written is lost.
/// </remarks>
internal sealed class StandardStreamWriter(Stream stream) : TextWriter
{
    private readonly Lock _lock = new();

    public override Encoding Encoding { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (buffer.IsEmpty) return;
        byte[] bytes = new byte[Encoding.GetByteCount(buffer)];
        Encoding.GetBytes(buffer, bytes);
        lock (_lock)
        {
            try
            {
                stream.Write(bytes);
                stream.Flush();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
            }
        }
    }

    // One write for text and line end, or a line of another thread could come between.
    public override void WriteLine(string? value) => Write(value + "\n");

    public override void WriteLine(ReadOnlySpan<char> buffer) => Write([.. buffer, '\n']);

    public override void WriteLine() => Write('\n');
}
