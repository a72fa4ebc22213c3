namespace Fuzz;

/// <summary>A rule that an input breaks; any other exception is a finding as well.</summary>
internal sealed class Finding(string rule) : Exception(rule)
{
    internal static void Unless(bool holds, string rule)
    {
        if (!holds) throw new Finding(rule);
    }
}
