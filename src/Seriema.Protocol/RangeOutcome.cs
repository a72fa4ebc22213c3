namespace Seriema.Protocol;

/// <summary>What a Range field asks for.</summary>
internal enum RangeOutcome : byte
{
    /// <summary>200: there is no field, or it is ignored.</summary>
    Whole,

    /// <summary>206 with Content-Range.</summary>
    Single,

    /// <summary>206 as multipart/byteranges.</summary>
    Several,

    /// <summary>416 with <c>Content-Range: bytes */N</c>.</summary>
    Unsatisfiable,
}
