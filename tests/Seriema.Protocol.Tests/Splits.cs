namespace Seriema.Protocol.Tests;

/// <summary>The ways in which bytes may arrive: the places where one read ends and the next begins.</summary>
internal static class Splits
{
    /// <summary>Whole, byte by byte, and cut once at each byte.</summary>
    internal static IEnumerable<int[]> Of(byte[] bytes)
    {
        yield return [];
        yield return [.. Enumerable.Range(1, Math.Max(bytes.Length - 1, 0))];
        for (int cut = 1; cut < bytes.Length; cut++) yield return [cut];
    }

    internal static string Show(int[] cuts) => cuts.Length > 1 ? "byte by byte" : $"cut at [{string.Join(',', cuts)}]";
}
