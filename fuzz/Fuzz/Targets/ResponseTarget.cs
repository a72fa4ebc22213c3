using System.Text;
using Seriema.Protocol;

namespace Fuzz.Targets;

/// <summary>The response writer, driven by a program in the input; see <see cref="ResponseProgram"/>.</summary>
/// <remarks>What it writes is read by other rules than it was written by: <see cref="WireResponse"/>.</remarks>
internal sealed class ResponseTarget : FuzzTarget
{
    private static readonly byte[][] s_reasons = Pieces("OK", "OK", "OK", "", "Not Found", "a\r\nb", "\u00E9\t", "\0", "x\n", "\r");
    private static readonly byte[][] s_names = Pieces(
        "X-A", "X-A", "Content-Length", "content-length", "Connection", "Transfer-Encoding", "Date", "Server", "Trailer", "Upgrade",
        "X A", "", "X:Y", "X\r\nY", "X\0", "\u00E9", "Set-Cookie", "Keep-Alive", "TE");
    private static readonly byte[][] s_values = Pieces(
        "a", "a", "0", "5", "20", "", "close", "keep-alive, close", "chunked", "a\r\nX: y", "a\nX: y", "a\rb", "a\0b", "a\r\n\r\nHTTP/1.1 200 OK",
        "+5", "5, 5", "99999999999999999999", "\u00E9\u00FF", " a ", "\t", "999999999999999999", " 5 ");
    private static readonly byte[][] s_tokens = Pieces("\r\n", "\r", "\n", "\0", ":", " ", "\r\n\r\n", "0\r\n\r\n", "\u0085", "\x7F");
    private static readonly int[] s_statuses = [200, 200, 200, 204, 304, 404, 500, 100, 101, 103, 199, 599, 999, 99, 1000, 0];

    private readonly ResponseWriter _writer = new();
    private readonly WireResponse _whole = new();
    private readonly WireResponse _bytewise = new();

    internal override void Make(ref FuzzRandom random, FuzzInput input)
    {
        input.Clear();
        int status = s_statuses[random.Next(s_statuses.Length)];
        input.Add((byte)random.Next(256));
        input.Add((byte)status);
        input.Add((byte)(status >> 8));
        AddSized(input, random.Pick(s_reasons));
        int fields = random.Next(6);
        input.Add((byte)fields);
        for (; fields > 0; fields--)
        {
            AddSized(input, random.Pick(s_names));
            AddSized(input, random.Pick(s_values));
        }
        Span<byte> body = stackalloc byte[40];
        body = body[..random.Next(random.OneIn(3) ? 40 : 8)];
        ChunkMaker.FillBody(ref random, body);
        input.Add(body);
        if (random.OneIn(3)) input.Damage(ref random, s_tokens);
    }

    internal override bool Check(FuzzInput input)
    {
        bool written = Write(input.Bytes, _whole, int.MaxValue);
        Finding.Unless(Write(input.Bytes, _bytewise, 1) == written, "Whole and byte by byte, one of two responses is refused.");
        if (!written) return false;
        _whole.Check();
        _bytewise.Check();
        Finding.Unless(_whole.Head.SequenceEqual(_bytewise.Head), "The head depends on how the body is given.");
        Finding.Unless(_whole.Body.SequenceEqual(_bytewise.Body), "The body depends on how it is given.");
        return true;
    }

    private static void AddSized(FuzzInput input, ReadOnlySpan<byte> piece)
    {
        input.Add((byte)piece.Length);
        input.Add(piece);
    }

    // False: the status line was refused, and the caller would answer with another.
    private bool Write(ReadOnlySpan<byte> bytes, WireResponse wire, int pieceSize)
    {
        ResponseProgram program = new(bytes);
        wire.Begin(program.IsHttp10, program.IsHead, program.Status);
        _writer.Begin(program.IsHttp10 ? 0 : 1, program.IsHead, program.KeepAlive);
        ReadOnlySpan<byte> reason = program.NextText();
        int count = _writer.WriteStatusLine(wire.Room(ResponseWriter.StatusLineOverhead + reason.Length), program.Status, reason);
        bool isBad = program.Status is < 100 or > 999 || HasControl(reason);
        Finding.Unless(count == 0 == isBad, "A status line is written that may not be, or the other way round.");
        if (count == 0) return false;
        wire.Advance(count);
        for (int fields = program.NextCount(); fields > 0; fields--) WriteField(wire, program.NextText(), program.NextText());
        ReadOnlySpan<byte> body = program.Rest;
        if (program.ClosesAfter) _writer.CloseAfter();
        long knownLength = program.KnowsLength ? body.Length : -1;
        wire.Advance(_writer.EndHead(wire.Room(ResponseWriter.MaxEndHead), knownLength, "Sun, 06 Nov 1994 08:49:37 GMT"u8));
        wire.EndHead(_writer.IsChunked);
        for (int sent = 0; sent < body.Length;) sent += WriteBody(wire, body.Slice(sent, Math.Min(pieceSize, body.Length - sent)));
        wire.Advance(_writer.Finish(wire.Room(ResponseWriter.MaxFinish), out bool isShort));
        wire.End(_writer.KeepAlive, isShort);
        return true;
    }

    private void WriteField(WireResponse wire, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Span<byte> room = wire.Room(name.Length + value.Length + 4);
        FieldVerdict verdict = _writer.WriteField(room, name, value, out int count);
        Finding.Unless(count == 0 == (verdict != FieldVerdict.Written), "A verdict does not say whether bytes were written.");
        Finding.Unless(verdict != FieldVerdict.Written || !(HasControl(name) || HasControl(value)), "A field with a control character is written.");
        Finding.Unless(count == 0 || count == room.Length, "A field has another length than its parts.");
        wire.Advance(count);
    }

    private int WriteBody(WireResponse wire, ReadOnlySpan<byte> piece)
    {
        WriteVerdict verdict = _writer.BeginBody(piece.Length, wire.Room(ResponseWriter.MaxChunkHead), out int headBytes, out int accepted);
        wire.Advance(headBytes);
        piece[..accepted].CopyTo(wire.Room(accepted));
        wire.Advance(accepted);
        wire.Given(piece[..accepted]);
        wire.Advance(_writer.EndChunk(wire.Room(ResponseWriter.ChunkTail)));
        Finding.Unless(accepted == piece.Length || verdict != WriteVerdict.Ok, "Less is accepted than the verdict says.");
        return piece.Length;
    }

    private static bool HasControl(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text)
        {
            if (b is (< 32 and not 9) or 127) return true;
        }
        return false;
    }
}
