using System.Buffers;
using System.Text;

namespace Seriema.Wsgi;

/// <summary>Tells which paths are script pages of one folder, without Python. Immutable; any thread.</summary>
/// <remarks>
/// A page is <c>PREFIX/name.py</c> or <c>PREFIX/folder/name.py</c>. Each segment is a letter and then letters, digits
/// and underscores, nothing else: what dots, slashes, NUL and dunder names could reach is never looked for.
/// </remarks>
internal sealed class ScriptFolder
{
    // What a file's name is, whatever suffix the URL has.
    private const string FileSuffix = ".py";

    private static readonly SearchValues<byte> s_nameBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"u8);

    private readonly byte[] _prefix;
    private readonly byte[] _suffix;

    /// <param name="prefix">As <see cref="UrlPrefix.Parse"/> gives it.</param>
    /// <param name="folder">An absolute path.</param>
    /// <param name="suffix">What ends a page's URL; may be empty.</param>
    internal ScriptFolder(byte[] prefix, string folder, string suffix)
    {
        _prefix = prefix;
        Folder = folder;
        _suffix = Encoding.UTF8.GetBytes(suffix);
    }

    internal string Folder { get; }

    internal ReadOnlySpan<byte> Prefix => _prefix;

    /// <summary>Whether the decoded path names a page whose file is there now. One stat, and only for such a name.</summary>
    internal bool HasPage(ReadOnlySpan<byte> path) =>
        TryName(path, out ReadOnlySpan<byte> name) && File.Exists(FileOf(name));

    /// <summary>Whether the decoded path has the form of a page's; nothing is looked up.</summary>
    /// <param name="name">The segments below the prefix with the slash before each, without the suffix.</param>
    internal bool TryName(ReadOnlySpan<byte> path, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (!UrlPrefix.IsPrefixOf(_prefix, path) || !path.EndsWith(_suffix)) return false;
        int length = path.Length - _prefix.Length - _suffix.Length;
        if (length < 2) return false; // a slash and a letter
        ReadOnlySpan<byte> segments = path.Slice(_prefix.Length, length);
        for (ReadOnlySpan<byte> rest = segments; !rest.IsEmpty;)
        {
            if (rest[0] != '/' || rest.Length == 1 || !char.IsAsciiLetter((char)rest[1])) return false;
            int end = rest[1..].IndexOfAnyExcept(s_nameBytes);
            rest = end < 0 ? default : rest[(end + 1)..];
        }
        name = segments;
        return true;
    }

    private string FileOf(ReadOnlySpan<byte> name) =>
        string.Concat(Folder, Encoding.ASCII.GetString(name), FileSuffix);
}
