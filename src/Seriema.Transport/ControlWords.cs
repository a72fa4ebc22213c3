using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Seriema.Transport;

/// <summary>The messages between the arbiter and its workers: text, so that <c>strace</c> shows them as they are.</summary>
/// <remarks>
/// The first word is the kind. From a worker come <see cref="Ready"/>, <see cref="Beat"/>, <see cref="Replace"/>,
/// <see cref="Going"/> and <see cref="Failed"/>; from the arbiter the words that have no arguments.
/// </remarks>
internal static class ControlWords
{
    /// <summary>Others serve on: leave the port, finish what is in flight, exit.</summary>
    internal const string Drain = "drain";

    /// <summary>As <see cref="Drain"/>, and nobody serves on.</summary>
    internal const string Stop = "stop";

    /// <summary>Exit at once; requests in flight are cut.</summary>
    internal const string Quit = "quit";

    /// <summary>A sibling died: a connection may wait whose wake-up died with it.</summary>
    internal const string Look = "look";

    /// <summary>Open the log files anew.</summary>
    internal const string Reopen = "reopen";

    internal const string ReadyKind = "ready";
    internal const string BeatKind = "beat";
    internal const string ReplaceKind = "replace";
    internal const string GoingKind = "going";
    internal const string FailedKind = "failed";

    /// <summary>The worker serves.</summary>
    internal static string Ready(string pythonVersion) => $"{ReadyKind} {pythonVersion}";

    internal static string Beat(in WorkerCounters counters) => string.Create(
        CultureInfo.InvariantCulture,
        $"{BeatKind} {counters.LoopAge} {counters.Requests} {counters.Connections} {counters.Busy} {counters.Queued} {counters.Rss}");

    /// <summary>The worker wants a successor; it serves until it is told to drain.</summary>
    internal static string Replace(string reason) => $"{ReplaceKind} {reason}";

    /// <summary>The worker accepts no more.</summary>
    internal static string Going(string reason) => $"{GoingKind} {reason}";

    /// <summary>The worker could not start.</summary>
    /// <param name="status">The exit status that the arbiter would end with.</param>
    /// <param name="text">What is to be shown.</param>
    internal static string Failed(int status, string text) =>
        string.Create(CultureInfo.InvariantCulture, $"{FailedKind} {status}\n{text}");

    /// <summary>The first word of a message.</summary>
    internal static string KindOf(string message)
    {
        int end = message.AsSpan().IndexOfAny(' ', '\n');
        return end < 0 ? message : message[..end];
    }

    /// <summary>What follows the first word; empty when nothing does.</summary>
    internal static string RestOf(string message)
    {
        int end = message.AsSpan().IndexOfAny(' ', '\n');
        return end < 0 ? "" : message[(end + 1)..];
    }

    internal static bool TryParseBeat(string message, out WorkerCounters counters)
    {
        counters = default;
        string[] words = message.Split(' ');
        if (words.Length != 7 || words[0] != BeatKind) return false;
        Span<long> numbers = stackalloc long[6];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!long.TryParse(words[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return false;
        }
        if (numbers[2] > int.MaxValue || numbers[3] > int.MaxValue || numbers[4] > int.MaxValue) return false;
        counters = new WorkerCounters(numbers[0], numbers[1], (int)numbers[2], (int)numbers[3], (int)numbers[4], numbers[5]);
        return true;
    }

    internal static bool TryParseFailed(string message, out int status, [NotNullWhen(true)] out string? text)
    {
        (status, text) = (0, null);
        int end = message.IndexOf('\n', StringComparison.Ordinal);
        if (end <= FailedKind.Length || KindOf(message) != FailedKind) return false;
        ReadOnlySpan<char> number = message.AsSpan(FailedKind.Length + 1, end - FailedKind.Length - 1);
        // What an exit status can be; 0 would be no failure.
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out status) || status is 0 or > 255) return false;
        text = message[(end + 1)..];
        return true;
    }
}
