using Seriema.Protocol;

namespace Fuzz.Targets;

/// <summary>The path of a request as the name of a file.</summary>
internal sealed class PathsTarget : FuzzTarget
{
    private static readonly byte[][] s_names = Pieces(
        "a", "b.html", "index", ".", "..", "...", ".git", ".well-known", "%2e", "%2E%2e", "%2f", "%5c", "\\", "%00", "%", "%4", "%zz",
        "%252e", "\u00E9", "%C0%AE", "", "a%20b", " ", "a:b", "~", "%0a", "%7f");
    private static readonly byte[][] s_tokens = Pieces("/", "//", ".", "..", "%", "%2", "2e", "%2f", "\\", "\0", "/../");

    private readonly byte[] _name = new byte[UrlPath.MaxLength + 1];
    private readonly byte[] _again = new byte[UrlPath.MaxLength + 1];
    private readonly byte[] _encoded = new byte[(3 * UrlPath.MaxLength) + 2];

    internal override void Make(ref FuzzRandom random, FuzzInput input)
    {
        input.Clear();
        for (int names = random.Next(6); names >= 0; names--)
        {
            input.Add((byte)'/');
            // Mostly right ones, or no path of several names ever comes through.
            input.Add(random.OneIn(3) ? random.Pick(s_names) : s_names[random.Next(3)]);
        }
        if (random.OneIn(100)) for (int i = 0; i < 250; i++) input.Add("name"u8[i & 3]);
        if (random.OneIn(3)) input.Damage(ref random, s_tokens);
    }

    internal override bool Check(FuzzInput input)
    {
        PathVerdict verdict = UrlPath.Decode(input.Bytes, _name, true, out int length, out bool endsWithSlash);
        PathVerdict strict = UrlPath.Decode(input.Bytes, _again, false, out _, out _);
        Finding.Unless(strict == verdict || strict == PathVerdict.DotName, "Without .well-known another answer is given.");
        if (verdict != PathVerdict.Ok) return false;
        Finding.Unless(length <= UrlPath.MaxLength && _name[length] == 0, "A name has no NUL behind it.");
        ReadOnlySpan<byte> name = _name.AsSpan(0, length);
        CheckSafe(name);
        CheckAgain(name, endsWithSlash);
        return length > 0;
    }

    private static void CheckSafe(ReadOnlySpan<byte> name)
    {
        Finding.Unless(name.IsEmpty || (name[0] != '/' && name[^1] != '/'), "A name has a slash at an end.");
        int start = 0;
        for (int i = 0; i <= name.Length; i++)
        {
            if (i < name.Length && name[i] != '/')
            {
                Finding.Unless(name[i] >= 32 && name[i] != 127 && name[i] != '\\', "A name has a control or a backslash.");
                continue;
            }
            ReadOnlySpan<byte> part = name[start..i];
            bool isAllowed = start == 0 && part.SequenceEqual(".well-known"u8);
            Finding.Unless(name.IsEmpty || (part.Length is > 0 and <= 255), "A part of a name is empty or too long.");
            Finding.Unless(part.IsEmpty || part[0] != '.' || isAllowed, "A part of a name begins with a dot.");
            start = i + 1;
        }
    }

    // A name with every byte escaped is the same name.
    private void CheckAgain(ReadOnlySpan<byte> name, bool endsWithSlash)
    {
        int count = 0;
        _encoded[count++] = (byte)'/';
        foreach (byte b in name)
        {
            if (b == '/')
            {
                _encoded[count++] = b;
                continue;
            }
            _encoded[count++] = (byte)'%';
            _encoded[count++] = "0123456789ABCDEF"u8[b >> 4];
            _encoded[count++] = "0123456789abcdef"u8[b & 15];
        }
        if (endsWithSlash && !name.IsEmpty) _encoded[count++] = (byte)'/';
        PathVerdict verdict = UrlPath.Decode(_encoded.AsSpan(0, count), _again, true, out int length, out bool slash);
        bool isSame = verdict == PathVerdict.Ok && slash == endsWithSlash && name.SequenceEqual(_again.AsSpan(0, length));
        Finding.Unless(isSame, "An escaped name is another one.");
    }
}
