using System.Text;

namespace Seriema.Protocol;

/// <summary>Recognises a field's name: by length and first letter, then one comparison that ignores case.</summary>
internal static class KnownFields
{
    /// <summary>How many members <see cref="KnownField"/> has: the size of an array indexed by it.</summary>
    internal const int Count = (int)KnownField.XRequestedWith + 1;

    internal static KnownField Of(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return KnownField.Other;
        int first = name[0] | 0x20; // folds the case of a letter; whatever else it hits fails the comparison
        switch (name.Length)
        {
            case 2: return Is(name, "te"u8, KnownField.Te);
            case 3: return Is(name, "dnt"u8, KnownField.Dnt);
            case 4: return first == 'h' ? Is(name, "host"u8, KnownField.Host) : Is(name, "date"u8, KnownField.Date);
            case 5: return first == 'p' ? Is(name, "proxy"u8, KnownField.Proxy) : Is(name, "range"u8, KnownField.Range);
            case 6: return OfSix(name, first);
            case 7: return OfSeven(name, first);
            case 8: return OfEight(name, first);
            case 9: return Is(name, "forwarded"u8, KnownField.Forwarded);
            case 10: return OfTen(name, first);
            case 12: return OfTwelve(name, first);
            case 13: return OfThirteen(name, first);
            case 14: return OfFourteen(name, first);
            case 15: return OfFifteen(name, first);
            case 16: return OfSixteen(name, first);
            case 17: return OfSeventeen(name, first);
            case 18:
                return first == 'x'
                ? Is(name, "x-forwarded-prefix"u8, KnownField.XForwardedPrefix)
                : Is(name, "proxy-authenticate"u8, KnownField.ProxyAuthenticate);
            case 19: return OfNineteen(name, first);
            case 25: return Is(name, "upgrade-insecure-requests"u8, KnownField.UpgradeInsecureRequests);
            default: return KnownField.Other;
        }
    }

    private static KnownField OfSix(ReadOnlySpan<byte> name, int first) => first switch
    {
        'a' => Is(name, "accept"u8, KnownField.Accept),
        'c' => Is(name, "cookie"u8, KnownField.Cookie),
        'e' => Is(name, "expect"u8, KnownField.Expect),
        'o' => Is(name, "origin"u8, KnownField.Origin),
        'p' => Is(name, "pragma"u8, KnownField.Pragma),
        's' => Is(name, "server"u8, KnownField.Server),
        _ => KnownField.Other,
    };

    private static KnownField OfSeven(ReadOnlySpan<byte> name, int first) => first switch
    {
        'r' => Is(name, "referer"u8, KnownField.Referer),
        't' => Is(name, "trailer"u8, KnownField.Trailer),
        'u' => Is(name, "upgrade"u8, KnownField.Upgrade),
        _ => KnownField.Other,
    };

    private static KnownField OfEight(ReadOnlySpan<byte> name, int first) => first switch
    {
        'i' => (name[3] | 0x20) == 'm'
            ? Is(name, "if-match"u8, KnownField.IfMatch)
            : Is(name, "if-range"u8, KnownField.IfRange),
        'p' => Is(name, "priority"u8, KnownField.Priority),
        't' => Is(name, "trailers"u8, KnownField.Trailers),
        _ => KnownField.Other,
    };

    private static KnownField OfTen(ReadOnlySpan<byte> name, int first) => first switch
    {
        'c' => Is(name, "connection"u8, KnownField.Connection),
        'k' => Is(name, "keep-alive"u8, KnownField.KeepAlive),
        'u' => Is(name, "user-agent"u8, KnownField.UserAgent),
        _ => KnownField.Other,
    };

    private static KnownField OfTwelve(ReadOnlySpan<byte> name, int first) => first == 'c'
        ? Is(name, "content-type"u8, KnownField.ContentType)
        : Is(name, "x-request-id"u8, KnownField.XRequestId);

    private static KnownField OfThirteen(ReadOnlySpan<byte> name, int first) => first switch
    {
        'a' => Is(name, "authorization"u8, KnownField.Authorization),
        'c' => Is(name, "cache-control"u8, KnownField.CacheControl),
        'i' => Is(name, "if-none-match"u8, KnownField.IfNoneMatch),
        _ => KnownField.Other,
    };

    private static KnownField OfFourteen(ReadOnlySpan<byte> name, int first)
    {
        if (first == 'c') return Is(name, "content-length"u8, KnownField.ContentLength);
        if (first != 's') return KnownField.Other;
        KnownField known = Is(name, "sec-fetch-site"u8, KnownField.SecFetchSite);
        if (known == KnownField.Other) known = Is(name, "sec-fetch-mode"u8, KnownField.SecFetchMode);
        if (known == KnownField.Other) known = Is(name, "sec-fetch-dest"u8, KnownField.SecFetchDest);
        return known == KnownField.Other ? Is(name, "sec-fetch-user"u8, KnownField.SecFetchUser) : known;
    }

    private static KnownField OfFifteen(ReadOnlySpan<byte> name, int first)
    {
        if (first == 'x') return Is(name, "x-forwarded-for"u8, KnownField.XForwardedFor);
        return (name[7] | 0x20) == 'e'
            ? Is(name, "accept-encoding"u8, KnownField.AcceptEncoding)
            : Is(name, "accept-language"u8, KnownField.AcceptLanguage);
    }

    private static KnownField OfSixteen(ReadOnlySpan<byte> name, int first) => first switch
    {
        'p' => Is(name, "proxy-connection"u8, KnownField.ProxyConnection),
        'x' => (name[2] | 0x20) == 'f'
            ? OfForwarded(name)
            : Is(name, "x-requested-with"u8, KnownField.XRequestedWith),
        _ => KnownField.Other,
    };

    private static KnownField OfForwarded(ReadOnlySpan<byte> name) => (name[12] | 0x20) == 'h'
        ? Is(name, "x-forwarded-host"u8, KnownField.XForwardedHost)
        : Is(name, "x-forwarded-port"u8, KnownField.XForwardedPort);

    private static KnownField OfSeventeen(ReadOnlySpan<byte> name, int first) => first switch
    {
        'i' => Is(name, "if-modified-since"u8, KnownField.IfModifiedSince),
        't' => Is(name, "transfer-encoding"u8, KnownField.TransferEncoding),
        'x' => Is(name, "x-forwarded-proto"u8, KnownField.XForwardedProto),
        _ => KnownField.Other,
    };

    private static KnownField OfNineteen(ReadOnlySpan<byte> name, int first) => first == 'i'
        ? Is(name, "if-unmodified-since"u8, KnownField.IfUnmodifiedSince)
        : Is(name, "proxy-authorization"u8, KnownField.ProxyAuthorization);

    private static KnownField Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> expected, KnownField known) =>
        Ascii.EqualsIgnoreCase(name, expected) ? known : KnownField.Other;
}
