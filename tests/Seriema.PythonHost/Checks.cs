namespace Seriema.PythonHost;

/// <summary>Every check that runs inside an interpreter, by name.</summary>
public static class Checks
{
    public static IReadOnlyList<(string Name, Action Check)> All { get; } =
    [
        .. OwnershipChecks.All, .. ErrorChecks.All, .. ThreadChecks.All, .. TextChecks.All, .. CallbackChecks.All,
        .. RuntimeChecks.All,
    ];

    internal static void That(bool condition, string message)
    {
        if (!condition) throw new InvalidOperationException(message);
    }

    internal static void Equal<T>(T expected, T actual, string what)
    {
        That(EqualityComparer<T>.Default.Equals(expected, actual), $"{what}: expected {expected}, got {actual}");
    }
}
