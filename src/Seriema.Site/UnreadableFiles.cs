using System.Text;
using Seriema.Transport;

namespace Seriema.Site;

/// <summary>Tells the operator what is there and cannot be read: each thing once, until it could be read again.</summary>
/// <remarks>The loop's thread.</remarks>
internal sealed class UnreadableFiles(Action<string> tell)
{
    private const int Most = 1000; // whoever has read so many lines knows; and nobody fills the memory or the disk with them

    private readonly HashSet<string> _told = [];

    /// <param name="mount">Where it was looked for.</param>
    /// <param name="place">Below the mount's folder.</param>
    /// <param name="error"><c>-errno</c>; only some mean that something is there.</param>
    internal void Add(StaticMount mount, ReadOnlySpan<byte> place, int error)
    {
        if (!Outcomes.IsUnreadable(error) || _told.Count >= Most) return;
        place = place.TrimEnd((byte)'/');
        // A folder that may not be searched refuses every name. It is told of, not the names that clients think of.
        while (place.LastIndexOf((byte)'/') is > 0 and int slash && mount.Root.Stat(place, out _) < 0) place = place[..slash];
        string path = PathOf(mount, place);
        if (_told.Add(path)) tell(new LinuxException($"open {path}", -error).Message);
    }

    /// <summary>It was read.</summary>
    internal void Forget(StaticMount mount, ReadOnlySpan<byte> place)
    {
        if (_told.Count > 0) _told.Remove(PathOf(mount, place));
    }

    private static string PathOf(StaticMount mount, ReadOnlySpan<byte> place) =>
        Path.Combine(mount.Root.Path, Encoding.UTF8.GetString(place));
}
