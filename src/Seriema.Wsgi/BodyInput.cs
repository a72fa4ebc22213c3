using System.Buffers;
using Seriema.CPython;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary><c>wsgi.input</c>, PEP 3333 "Input and Error Streams": every method ends at the end of the body.</summary>
/// <remarks>
/// The GIL is held, and released while a method waits for the client. Used by one request at a time. A body that
/// breaks off raises, then and at every later call: it must never look like a body that ended.
/// </remarks>
internal sealed class BodyInput(GatewayThread thread)
{
    // What a read first asks the pool for when the bytes are not all in memory yet; it doubles from there, so that
    // a Content-Length that the client does not keep reserves nothing.
    private const int FirstPiece = 16 * 1024;

    /// <summary>Why the body can never be complete, or Ok.</summary>
    internal BodyResult Failure { get; private set; }

    internal void Begin() => Failure = BodyResult.Ok;

    /// <summary><c>read([size])</c>: that many bytes, fewer only at the end of the body.</summary>
    internal PyOwned Read(PyArguments arguments)
    {
        if (!arguments.TryReadSize("read", out long size)) return default;
        if (thread.TryExchange() is not { } exchange) return default;
        long wanted = size < 0 ? long.MaxValue : size;
        if (wanted <= exchange.BufferedBody.Length || exchange.IsBodyComplete)
        {
            return Take(exchange, (int)Math.Min(wanted, exchange.BufferedBody.Length));
        }
        return Collect(exchange, wanted, untilLineEnd: false);
    }

    /// <summary><c>readline([size])</c>: to the end of the line, of the size or of the body.</summary>
    internal PyOwned ReadLine(PyArguments arguments)
    {
        if (!arguments.TryReadSize("readline", out long size)) return default;
        return Line(size < 0 ? long.MaxValue : size);
    }

    /// <summary>
    /// <c>readlines([hint])</c>: lines until they hold <c>hint</c> bytes; a hint of 0 or less is none.
    /// </summary>
    internal PyOwned ReadLines(PyArguments arguments)
    {
        if (!arguments.TryReadSize("readlines", out long hint)) return default;
        using PyOwned lines = Python.PyList_New(0).OrThrow();
        long total = 0;
        while (true)
        {
            using PyOwned line = Line(long.MaxValue);
            if (line.IsNull) return default;
            nint length = Python.PyBytes_Size(line);
            if (length == 0) break;
            if (Python.PyList_Append(lines, line) < 0) return default;
            total += length;
            if (hint > 0 && total >= hint) break;
        }
        return lines.Borrow().ToOwned();
    }

    /// <summary><c>next()</c>: a line, or null without an error at the end.</summary>
    internal PyOwned Next()
    {
        PyOwned line = Line(long.MaxValue);
        if (!line.IsNull && Python.PyBytes_Size(line) == 0)
        {
            line.Dispose();
            return default;
        }
        return line;
    }

    private PyOwned Line(long limit)
    {
        if (thread.TryExchange() is not { } exchange) return default;
        ReadOnlySpan<byte> buffered = exchange.BufferedBody;
        if (buffered.Length > limit) buffered = buffered[..(int)limit];
        int end = buffered.IndexOf((byte)'\n');
        if (end >= 0) return Take(exchange, end + 1);
        if (buffered.Length == limit || exchange.IsBodyComplete) return Take(exchange, buffered.Length);
        return Collect(exchange, limit, untilLineEnd: true);
    }

    private PyOwned Take(WsgiExchange exchange, int count)
    {
        // Bytes that came before the failure may be read; the end behind them is not the body's.
        if (count == 0 && Failure != BodyResult.Ok && exchange.BufferedBody.IsEmpty) return RaiseFailure();
        PyOwned bytes = PyStrings.BytesFrom(exchange.BufferedBody[..count]).OrThrow();
        exchange.ConsumeBody(count);
        return bytes;
    }

    // The slow path: the bytes come in pieces, each taken out so that the next has room.
    private PyOwned Collect(WsgiExchange exchange, long wanted, bool untilLineEnd)
    {
        byte[] pieces = ArrayPool<byte>.Shared.Rent((int)Math.Min(wanted, FirstPiece));
        int length = 0;
        try
        {
            while (true)
            {
                bool isDone = TakePiece(exchange, wanted - length, untilLineEnd, out ReadOnlySpan<byte> piece);
                if (pieces.Length - length < piece.Length) Grow(ref pieces, length, piece.Length);
                piece.CopyTo(pieces.AsSpan(length));
                length += piece.Length;
                exchange.ConsumeBody(piece.Length);
                if (isDone || (exchange.IsBodyComplete && exchange.BufferedBody.IsEmpty)) break;
                if (!Fill(exchange)) return RaiseFailure();
            }
            return PyStrings.BytesFrom(pieces.AsSpan(0, length)).OrThrow();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pieces);
        }
    }

    private static bool TakePiece(WsgiExchange exchange, long wanted, bool untilLineEnd, out ReadOnlySpan<byte> piece)
    {
        piece = exchange.BufferedBody;
        if (piece.Length > wanted) piece = piece[..(int)wanted];
        int end = untilLineEnd ? piece.IndexOf((byte)'\n') : -1;
        if (end >= 0) piece = piece[..(end + 1)];
        return end >= 0 || piece.Length == wanted;
    }

    private static void Grow(ref byte[] pieces, int used, int more)
    {
        int needed = checked(used + more); // a bytes object of 2 GiB in one piece is beyond what a body may be
        int doubled = (int)Math.Min(pieces.Length * 2L, Array.MaxLength);
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, doubled));
        pieces.AsSpan(0, used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(pieces);
        pieces = larger;
    }

    private bool Fill(WsgiExchange exchange)
    {
        if (Failure != BodyResult.Ok) return false;
        thread.IsOutside = true;
        try
        {
            using (GilRelease.Begin()) Failure = exchange.FillBody();
        }
        finally
        {
            thread.IsOutside = false;
        }
        return Failure == BodyResult.Ok;
    }

    private PyOwned RaiseFailure() => Failure switch
    {
        BodyResult.ClientGone =>
            Raise.Error(Python.PyExc_ConnectionResetError, "the client left within its request's body"),
        BodyResult.TimedOut => Raise.Error(Python.PyExc_TimeoutError, "the client stopped sending its request's body"),
        BodyResult.TooLarge => Raise.Error(Python.PyExc_OSError, "the request's body is larger than the limit"),
        BodyResult.Lost => Raise.Error(Python.PyExc_OSError, "the temporary file of the request's body cannot be read"),
        _ => Raise.Error(Python.PyExc_OSError, "the request's body is malformed"),
    };
}
