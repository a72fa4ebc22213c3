namespace Seriema.Protocol;

/// <summary>The four forms of a request-target, RFC 9112 §3.2.</summary>
internal enum TargetForm
{
    Origin,
    Absolute,
    Authority,

    /// <summary><c>*</c>, or an absolute-form of OPTIONS with neither path nor query (RFC 9112 §3.2.4).</summary>
    Asterisk,
}
