using System.Buffers.Text;
using System.Diagnostics;

namespace Seriema.Protocol;

/// <summary>Appends to a span that the caller made large enough; too small is our own fault and throws.</summary>
internal ref struct SpanWriter(Span<byte> dest)
{
    private readonly Span<byte> _dest = dest;

    internal int Written { get; private set; }

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_dest[Written..]);
        Written += bytes.Length;
    }

    internal void AppendDecimal(long number)
    {
        bool fits = Utf8Formatter.TryFormat(number, _dest[Written..], out int count);
        Debug.Assert(fits, "The caller's span has room for 19 digits.");
        Written += count;
    }

    /// <summary>Lower-case hexadecimal without leading zeros.</summary>
    internal void AppendHex(uint number)
    {
        for (int shift = number < 0x10 ? 0 : (31 - int.LeadingZeroCount((int)number)) & ~3; shift >= 0; shift -= 4)
        {
            _dest[Written++] = "0123456789abcdef"u8[(int)(number >> shift) & 0xF];
        }
    }

    internal void AppendField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Append(name);
        Append(": "u8);
        Append(value);
        Append("\r\n"u8);
    }
}
