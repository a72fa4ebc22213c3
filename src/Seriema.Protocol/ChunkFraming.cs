namespace Seriema.Protocol;

/// <summary>
/// The bytes of a chunked body that are not data: chunk-size lines, the CRLF after data, the trailer section.
/// </summary>
/// <remarks>
/// Owned by <see cref="BodyReader"/>. It consumes every byte it is given up to the end of its element. Done means:
/// <see cref="ChunkSize"/> bytes of data follow, or with 0 that the whole body has ended.
/// </remarks>
internal sealed class ChunkFraming(HttpLimits limits)
{
    private const int MaxDigits = 15; // 15 hex digits always fit a long

    private enum State : byte
    {
        Size, // the digits
        SizeSpace, // whitespace behind them: an extension must follow
        Extension,
        SizeLf, // the LF of a chunk-size line
        DataCr, // the CRLF behind the data
        DataLf,
        TrailerStart, // at the start of a line of the trailer section
        TrailerName,
        TrailerValue,
        TrailerLf,
        LastLf, // the LF of the empty line that ends the body
    }

    private State _state;
    private int _digits;
    private int _lineLength;
    private int _extensions; // bytes of all chunk-ext of this body
    private int _trailers; // bytes of the trailer section

    internal RejectReason Reason { get; private set; }

    internal long ChunkSize { get; private set; }

    internal void Reset()
    {
        _state = State.Size;
        _extensions = _trailers = 0;
        StartSize();
    }

    /// <summary>Goes on with the framing behind the last data; the input is not empty.</summary>
    internal ParseStatus Read(ReadOnlySpan<byte> input, out int consumed)
    {
        for (consumed = 0; consumed < input.Length;)
        {
            if (_state is State.Extension or State.TrailerValue)
            {
                consumed += SkipText(input[consumed..]);
                if (consumed == input.Length) break;
            }
            RejectReason mistake = Step(input[consumed++], out bool done);
            if (mistake != RejectReason.None)
            {
                Reason = mistake;
                return ParseStatus.Rejected;
            }
            if (done) return ParseStatus.Done;
        }
        return ParseStatus.NeedMore;
    }

    /// <summary>
    /// Passes over ordinary text in one search, up to the limit that <see cref="Step"/> will then find broken.
    /// </summary>
    private int SkipText(ReadOnlySpan<byte> input)
    {
        bool trailer = _state == State.TrailerValue;
        int room = trailer
            ? limits.TrailerSize - _trailers
            : Math.Min(limits.ChunkLine - _lineLength, limits.ChunkExtensions - _extensions);
        ReadOnlySpan<byte> window = input[..Math.Min(input.Length, Math.Max(room, 0))];
        int stop = window.IndexOfAny(Grammar.ControlsButTab);
        int count = stop < 0 ? window.Length : stop;
        if (trailer)
        {
            _trailers += count;
        }
        else
        {
            _lineLength += count;
            _extensions += count;
        }
        return count;
    }

    private RejectReason Step(byte b, out bool done)
    {
        done = false;
        switch (_state)
        {
            case State.Size: return ReadDigit(b);
            case State.SizeSpace: return ReadSpace(b);
            case State.Extension: return b == Grammar.Cr ? Enter(State.SizeLf) : ReadExtension(b);
            case State.SizeLf: return EndSizeLine(b, out done);
            case State.DataCr: return b == Grammar.Cr ? Enter(State.DataLf) : RejectReason.MissingChunkEnd;
            case State.DataLf: return b == Grammar.Lf ? StartSize() : RejectReason.MissingChunkEnd;
            case State.LastLf:
                done = true;
                return b == Grammar.Lf ? RejectReason.None : RejectReason.BareCr;
            default: return StepTrailer(b);
        }
    }

    private RejectReason Enter(State state)
    {
        _state = state;
        return RejectReason.None;
    }

    private RejectReason StartSize()
    {
        _state = State.Size;
        _digits = _lineLength = 0;
        ChunkSize = 0;
        return RejectReason.None;
    }

    // RFC 9112 §7.1: chunk-size [ chunk-ext ] CRLF
    private RejectReason ReadDigit(byte b)
    {
        if (char.IsAsciiHexDigit((char)b))
        {
            if (++_digits > MaxDigits) return RejectReason.BadChunkSize;
            _lineLength++;
            // 'A' and 'a' differ in the bit 0x20 and both have 9 less than their value in the low four bits.
            ChunkSize = (ChunkSize << 4) | (uint)((b & 0xF) + (b > '9' ? 9 : 0));
            return RejectReason.None;
        }
        if (_digits == 0) return b == Grammar.Lf ? RejectReason.BareLf : RejectReason.BadChunkSize;
        switch (b)
        {
            case Grammar.Cr: return Enter(State.SizeLf);
            // Readers that end a line at LF see another chunk here. Corpus: chunked-bare-lf-*.http.
            case Grammar.Lf: return RejectReason.BareLf;
            case (byte)';':
                _state = State.Extension;
                return ReadExtension(b);
            case Grammar.Sp or Grammar.Tab:
                _state = State.SizeSpace;
                return ReadExtension(b);
            default: return RejectReason.BadChunkSize;
        }
    }

    // RFC 9112 §7.1.1: chunk-ext = *( BWS ";" …, so whitespace is right only before a semicolon.
    private RejectReason ReadSpace(byte b)
    {
        if (b == ';') _state = State.Extension;
        else if (!Grammar.IsOws(b)) return RejectReason.BadChunkSize;
        return ReadExtension(b);
    }

    // A bare CR or LF inside an extension is how a second request slips past a laxer proxy; the content is ignored.
    private RejectReason ReadExtension(byte b)
    {
        if (++_lineLength > limits.ChunkLine) return RejectReason.ChunkLineTooLong;
        if (++_extensions > limits.ChunkExtensions) return RejectReason.ChunkExtensionsTooLong;
        if (b == Grammar.Lf) return RejectReason.BareLf;
        return IsControl(b) ? RejectReason.ControlCharacter : RejectReason.None;
    }

    private RejectReason EndSizeLine(byte b, out bool done)
    {
        done = false;
        if (b != Grammar.Lf) return RejectReason.BareCr;
        done = ChunkSize > 0;
        _state = done ? State.DataCr : State.TrailerStart;
        return RejectReason.None;
    }

    // RFC 9112 §7.1.2: trailer-section = *( field-line CRLF )
    private RejectReason StepTrailer(byte b)
    {
        if (++_trailers > limits.TrailerSize) return RejectReason.TrailersTooLong;
        switch (_state)
        {
            case State.TrailerLf: return b == Grammar.Lf ? Enter(State.TrailerStart) : RejectReason.BareCr;
            // The LF behind it is counted too, so that the limit is one of the whole section.
            case State.TrailerStart when b == Grammar.Cr:
                return ++_trailers > limits.TrailerSize ? RejectReason.TrailersTooLong : Enter(State.LastLf);
            case State.TrailerStart when b == Grammar.Lf: return RejectReason.BareLf;
            case State.TrailerStart when b == ':': return RejectReason.EmptyFieldName;
            case State.TrailerStart when Grammar.IsOws(b): return RejectReason.ObsFold;
            case State.TrailerStart:
                return Grammar.Tchar.Contains(b) ? Enter(State.TrailerName) : RejectReason.BadFieldName;
            case State.TrailerName when b == ':': return Enter(State.TrailerValue);
            case State.TrailerName when b is Grammar.Cr: return RejectReason.MissingColon;
            case State.TrailerName when b is Grammar.Lf: return RejectReason.BareLf;
            case State.TrailerName when Grammar.IsOws(b): return RejectReason.SpaceBeforeColon;
            case State.TrailerName: return Grammar.Tchar.Contains(b) ? RejectReason.None : RejectReason.BadFieldName;
            case State.TrailerValue when b == Grammar.Cr: return Enter(State.TrailerLf);
            case State.TrailerValue when b == Grammar.Lf: return RejectReason.BareLf;
            default: return IsControl(b) ? RejectReason.ControlCharacter : RejectReason.None;
        }
    }

    private static bool IsControl(byte b) => b is < 0x20 and not Grammar.Tab or 0x7F;
}
