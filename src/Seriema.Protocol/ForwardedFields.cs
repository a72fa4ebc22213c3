namespace Seriema.Protocol;

/// <summary>The fields by which a proxy tells of the client; those that are set are believed.</summary>
[Flags]
internal enum ForwardedFields
{
    None = 0,
    For = 1,
    Proto = 2,
    Host = 4,
    Port = 8,
    Prefix = 16,

    /// <summary>RFC 7239, which has them all but Port and Prefix in one field.</summary>
    Forwarded = 32,
}

/// <summary>Whom and which fields the server believes. Immutable; any thread.</summary>
internal sealed record ForwardedPolicy(AddressList Proxies, ForwardedFields Fields)
{
    /// <summary>Reads the names of fields, in any case.</summary>
    /// <returns>Null, or what is wrong with them.</returns>
    internal static string? ParseFields(IEnumerable<string> names, out ForwardedFields fields)
    {
        fields = ForwardedFields.None;
        foreach (string name in names)
        {
            ForwardedFields field = name.ToLowerInvariant() switch
            {
                "x-forwarded-for" => ForwardedFields.For,
                "x-forwarded-proto" => ForwardedFields.Proto,
                "x-forwarded-host" => ForwardedFields.Host,
                "x-forwarded-port" => ForwardedFields.Port,
                "x-forwarded-prefix" => ForwardedFields.Prefix,
                "forwarded" => ForwardedFields.Forwarded,
                _ => ForwardedFields.None,
            };
            if (field == ForwardedFields.None)
            {
                return $"'{name}' is none of forwarded, x-forwarded-for, -proto, -host, -port and -prefix";
            }
            fields |= field;
        }
        // A proxy sets one family, and passes on what a client wrote into the other.
        return fields > ForwardedFields.Forwarded ? "forwarded and x-forwarded-... exclude each other: name those that the proxy sets" : null;
    }

    /// <summary>Whether a field that the parser knows is one of these; None when it is another.</summary>
    internal static ForwardedFields Of(KnownField known) => known switch
    {
        KnownField.XForwardedFor => ForwardedFields.For,
        KnownField.XForwardedProto => ForwardedFields.Proto,
        KnownField.XForwardedHost => ForwardedFields.Host,
        KnownField.XForwardedPort => ForwardedFields.Port,
        KnownField.XForwardedPrefix => ForwardedFields.Prefix,
        KnownField.Forwarded => ForwardedFields.Forwarded,
        _ => ForwardedFields.None,
    };
}
