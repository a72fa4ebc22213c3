namespace Seriema.Protocol;

/// <summary>What a <c>Read</c> method made of the bytes it was given.</summary>
internal enum ParseStatus
{
    /// <summary>Nothing wrong so far, and not finished.</summary>
    NeedMore,

    /// <summary>The element is complete.</summary>
    Done,

    /// <summary>The peer made a mistake; the reader's <c>Reason</c> says which. There is no way back.</summary>
    Rejected,
}
