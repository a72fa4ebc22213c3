using System.Buffers;
using System.Globalization;
using System.Text;

namespace Seriema.Protocol;

/// <summary>Takes out of the text of a message what must not stand in a log: credentials, and what stands for them.</summary>
/// <remarks>
/// By the names of fields and of parameters, and rather too much than too little. The bytes may be those of a message
/// that is broken or cut off; they are not made safe to show, which is the log's own business.
/// </remarks>
internal static class Secrets
{
    // Every name that contains one of these: Set-Cookie, X-Api-Key, X-CSRFToken, access_token, session-id. An underscore
    // in a name counts as a dash.
    private static readonly string[] s_words =
        ["auth", "cookie", "token", "secret", "passw", "api-key", "apikey", "access-key", "credential", "session", "signature"];

    // Too short to be looked for inside of others.
    private static readonly string[] s_parameters = ["key", "sig", "sid", "pwd", "pass", "code", "otp", "jwt"];

    // No name is longer; a broken line may be.
    private const int MaxName = 64;

    // A challenge, and what a proxy says of it: WWW-Authenticate tells whom to ask, not what to answer.
    private const string Challenge = "authenticat";

    // Those that are met. Of a value with another first word, that may be the secret itself.
    private static readonly string[] s_schemes =
        ["Basic", "Bearer", "Digest", "DPoP", "Negotiate", "NTLM", "OAuth", "Token", "AWS4-HMAC-SHA256"];

    private static readonly SearchValues<byte> s_beforeParameter = SearchValues.Create("?&;"u8);
    private static readonly SearchValues<byte> s_endOfName = SearchValues.Create("=?&;# "u8);
    private static readonly SearchValues<byte> s_endOfAuthority = SearchValues.Create("/?# "u8);

    /// <summary>A field line as it may be shown: of a secret the name, the scheme, and the length of the rest.</summary>
    internal static ReadOnlySpan<byte> HideInField(ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf((byte)':');
        int shown = ShownOfField(line);
        if (shown == line.Length) return HideInLine(line);
        if (colon < 0) return Hide(line, shown, line.Length);
        ReadOnlySpan<byte> value = line[(colon + 1)..];
        int start = colon + 1 + (value.Length - value.TrimStart(" \t"u8).Length);
        if (Contains(line[..colon], "authorization")) start += SchemeLength(line[start..]);
        return Hide(line, start, line.Length);
    }

    /// <summary>How much of a field line may be shown: all of it, or of a secret the name, whatever follows it.</summary>
    internal static int ShownOfField(ReadOnlySpan<byte> line)
    {
        int end = line.IndexOfAnyExcept(Grammar.Tchar);
        ReadOnlySpan<byte> name = end < 0 ? line : line[..end];
        return IsSecret(name) ? name.Length : line.Length;
    }

    /// <summary>A request line, a target, or any text with URLs in it: without the values of secret parameters, and user and password.</summary>
    internal static ReadOnlySpan<byte> HideInLine(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = HideUser(line);
        List<byte>? shown = null; // most lines have no secret
        int at = 0;
        while (rest[at..].IndexOfAny(s_beforeParameter) is >= 0 and int before)
        {
            at += before + 1;
            int name = rest[at..].IndexOfAny(s_endOfName);
            if (name < 0 || rest[at + name] != '=' || !IsSecretParameter(rest.Slice(at, name))) continue;
            int start = at + name + 1;
            int length = LengthOfValue(rest[start..]);
            (shown ??= []).AddRange(rest[..start]);
            shown.AddRange(Mark(length));
            rest = rest[(start + length)..];
            at = 0;
        }
        if (shown is null) return rest;
        shown.AddRange(rest);
        return shown.ToArray();
    }

    // To the next parameter, not further than a request line's version. A space does not end it: a broken line may have one.
    private static int LengthOfValue(ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOf((byte)'&');
        if (end < 0) end = rest.LastIndexOf(" HTTP/"u8);
        return end < 0 ? rest.Length : end;
    }

    // RFC 9110 §4.2.4: http://user:password@host is a mistake, which is logged. The same goes for Host and CONNECT.
    private static ReadOnlySpan<byte> HideUser(ReadOnlySpan<byte> line)
    {
        int start = line.IndexOf("://"u8) is >= 0 and int scheme ? scheme + 3 : 0;
        if (start == 0 && line.StartsWith("CONNECT "u8)) start = "CONNECT ".Length;
        if (start == 0 && line.Length > 5 && Ascii.EqualsIgnoreCase(line[..5], "host:")) start = line[5] == Grammar.Sp ? 6 : 5;
        if (start == 0) return line;
        int length = line[start..].IndexOfAny(s_endOfAuthority);
        int at = (length < 0 ? line[start..] : line.Slice(start, length)).LastIndexOf((byte)'@');
        return at < 0 ? line : Hide(line, start, start + at);
    }

    private static int SchemeLength(ReadOnlySpan<byte> value)
    {
        int end = value.IndexOf(Grammar.Sp);
        if (end < 0) return 0;
        foreach (string scheme in s_schemes)
        {
            if (Ascii.EqualsIgnoreCase(value[..end], scheme)) return end + 1;
        }
        return 0;
    }

    private static bool IsSecretParameter(ReadOnlySpan<byte> name)
    {
        foreach (string parameter in s_parameters)
        {
            if (Ascii.EqualsIgnoreCase(name, parameter)) return true;
        }
        return IsSecret(name);
    }

    private static bool IsSecret(ReadOnlySpan<byte> name)
    {
        if (name.Length > MaxName) name = name[..MaxName];
        foreach (string word in s_words)
        {
            if (Contains(name, word) && (word != "auth" || !Contains(name, Challenge))) return true;
        }
        return false;
    }

    private static bool Contains(ReadOnlySpan<byte> name, string word)
    {
        for (int at = 0; at + word.Length <= name.Length; at++)
        {
            int same = 0;
            while (same < word.Length && Folded(name[at + same]) == word[same]) same++;
            if (same == word.Length) return true;
        }
        return false;
    }

    private static char Folded(byte b) => b switch
    {
        (byte)'_' => '-',
        >= (byte)'A' and <= (byte)'Z' => (char)(b | 0x20),
        _ => (char)b,
    };

    private static byte[] Hide(ReadOnlySpan<byte> line, int start, int end) => [.. line[..start], .. Mark(end - start), .. line[end..]];

    private static byte[] Mark(int length) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"[{length} bytes hidden]"));
}
