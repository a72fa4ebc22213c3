namespace Seriema.Protocol;

/// <summary>A part of a representation that exists: at least one byte, and none beyond its end.</summary>
internal readonly record struct ByteRange(long First, long Length)
{
    /// <summary>The position of the last byte, as Content-Range has it.</summary>
    internal long Last => First + Length - 1;
}
