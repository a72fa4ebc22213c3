namespace Seriema.Protocol;

/// <summary>What the conditional fields of a GET or HEAD make of it, RFC 9110 §13.2.</summary>
internal enum PreconditionOutcome : byte
{
    /// <summary>The request is served as if there were no conditions.</summary>
    Proceed,

    /// <summary>304: the client has this representation.</summary>
    NotModified,

    /// <summary>412: the representation is not the one that the client means.</summary>
    PreconditionFailed,
}
