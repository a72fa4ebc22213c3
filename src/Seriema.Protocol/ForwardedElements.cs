using System.Text;

namespace Seriema.Protocol;

/// <summary>What one proxy says in Forwarded (RFC 7239 §4): places in the head's bytes, empty for what it does not say.</summary>
/// <param name="Field">The field line that it stands in.</param>
/// <param name="Offset">Where it begins in that line's value.</param>
internal readonly record struct ForwardedElement(Slice For, Slice Proto, Slice Host, int Field, int Offset);

/// <summary>Reads the elements of all Forwarded fields of a request, and keeps the last ones.</summary>
/// <remarks>
/// As strict as the grammar but for whitespace around a semicolon. A quote that a client leaves open would swallow what
/// a proxy appends: the whole request is refused then, rather than taken for the proxy's own.
/// </remarks>
internal sealed class ForwardedElements
{
    // The last ones count. No way through trusted proxies is so long, and a client may write as many as fit a head.
    private const int Kept = 32;

    private readonly ForwardedElement[] _last = new ForwardedElement[Kept];
    private int _total;

    internal int Count => Math.Min(_total, Kept);

    /// <summary>Whether there were more than are kept.</summary>
    internal bool HasMore => _total > Kept;

    internal ForwardedElement FromRight(int index) => _last[(_total - 1 - index) % Kept];

    /// <summary>False when one breaks the grammar.</summary>
    internal bool Read(RequestHead head, ReadOnlySpan<byte> bytes)
    {
        _total = 0;
        for (int i = 0; i < head.FieldCount; i++)
        {
            ref readonly Field field = ref head.GetField(i);
            if (field.Known == KnownField.Forwarded && !ReadValue(field.Value, field.Value.Of(bytes), i)) return false;
        }
        return true;
    }

    private bool ReadValue(Slice place, ReadOnlySpan<byte> value, int field)
    {
        int at = 0;
        while (true)
        {
            while (at < value.Length && (value[at] == ',' || Grammar.IsOws(value[at]))) at++;
            if (at == value.Length) return true;
            ForwardedElement element = new(default, default, default, field, at);
            if (!ReadElement(place, value, ref at, ref element)) return false;
            _last[_total++ % Kept] = element;
        }
    }

    // forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )
    private static bool ReadElement(Slice place, ReadOnlySpan<byte> value, ref int at, ref ForwardedElement element)
    {
        while (true)
        {
            SkipOws(value, ref at);
            if (at < value.Length && value[at] is not ((byte)';' or (byte)',') && !ReadPair(place, value, ref at, ref element)) return false;
            SkipOws(value, ref at);
            if (at == value.Length || value[at] == ',') return true;
            if (value[at++] != ';') return false;
        }
    }

    // forwarded-pair = token "=" ( token / quoted-string )
    private static bool ReadPair(Slice place, ReadOnlySpan<byte> value, ref int at, ref ForwardedElement element)
    {
        int equals = value[at..].IndexOfAnyExcept(Grammar.Tchar);
        if (equals <= 0 || value[at + equals] != '=') return false;
        ReadOnlySpan<byte> name = value.Slice(at, equals);
        at += equals + 1;
        bool hasEscape = false;
        Slice inner;
        if (at < value.Length && value[at] == '"')
        {
            int start = ++at;
            while (at < value.Length && value[at] != '"')
            {
                if (value[at] == '\\') hasEscape = true;
                at += value[at] == '\\' ? 2 : 1;
            }
            if (at >= value.Length) return false;
            inner = new Slice(place.Offset + start, at++ - start);
        }
        else
        {
            int length = value[at..].IndexOfAnyExcept(Grammar.Tchar);
            if (length < 0) length = value.Length - at;
            if (length == 0) return false;
            inner = new Slice(place.Offset + at, length);
            at += length;
        }
        return Assign(name, inner, hasEscape, ref element);
    }

    // RFC 7239 §4: a parameter must not occur more than once in an element. Others than these have no meaning here.
    private static bool Assign(ReadOnlySpan<byte> name, Slice value, bool hasEscape, ref ForwardedElement element)
    {
        Slice before;
        if (Ascii.EqualsIgnoreCase(name, "for"u8)) (before, element) = (element.For, element with { For = value });
        else if (Ascii.EqualsIgnoreCase(name, "proto"u8)) (before, element) = (element.Proto, element with { Proto = value });
        else if (Ascii.EqualsIgnoreCase(name, "host"u8)) (before, element) = (element.Host, element with { Host = value });
        else return true;
        // Nothing in an address, a scheme or a host needs an escape, and an empty value says nothing.
        return before.IsEmpty && !hasEscape && !value.IsEmpty;
    }

    private static void SkipOws(ReadOnlySpan<byte> value, ref int at)
    {
        while (at < value.Length && Grammar.IsOws(value[at])) at++;
    }
}
