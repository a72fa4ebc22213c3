namespace Fuzz.Targets;

/// <summary>The verdict does not depend on how the bytes arrive.</summary>
internal static class ThreeArrivals
{
    internal static void Check(MessageDriver driver, ReadOnlySpan<byte> bytes)
    {
        ulong bytewise = driver.Run(bytes, Arrival.ByteByByte);
        ulong pieces = driver.Run(bytes, Arrival.InPieces);
        ulong whole = driver.Run(bytes, Arrival.Whole);
        Finding.Unless(whole == bytewise, "Whole and byte by byte give two verdicts.");
        Finding.Unless(whole == pieces, "Whole and in pieces give two verdicts.");
    }
}
