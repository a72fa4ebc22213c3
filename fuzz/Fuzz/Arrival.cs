namespace Fuzz;

/// <summary>How the bytes of an input arrive.</summary>
internal enum Arrival
{
    Whole,

    /// <summary>With room for one byte of output, too.</summary>
    ByteByByte,

    /// <summary>In pieces of 1 to 16 bytes, which follow from the input's length.</summary>
    InPieces,
}
