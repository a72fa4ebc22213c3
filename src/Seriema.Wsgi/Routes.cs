using System.Buffers;
using Seriema.Protocol;

namespace Seriema.Wsgi;

/// <summary>Who answers a request, and how much of its path is SCRIPT_NAME.</summary>
/// <param name="Application">The application's number in the gateway; negative when nobody answers.</param>
/// <param name="ScriptNameLength">In bytes of the decoded path; what follows is PATH_INFO.</param>
internal readonly record struct Route(int Application, int ScriptNameLength)
{
    internal static Route Nobody => new(-1, 0);

    internal bool IsNobody => Application < 0;
}

/// <summary>Chooses the application of a request by its path. Immutable; any thread, without the GIL.</summary>
/// <remarks>
/// Script pages whose file is there, then the mounts, then the main application; of two that match, the longer prefix.
/// </remarks>
internal sealed class Routes
{
    private readonly (ScriptFolder Folder, int Application)[] _scripts;
    private readonly (byte[] Prefix, int Application)[] _mounts;
    private readonly Route _main;

    /// <param name="main">The main application's number, or null when there is none.</param>
    internal Routes(
        IEnumerable<(ScriptFolder Folder, int Application)> scripts,
        IEnumerable<(byte[] Prefix, int Application)> mounts,
        int? main)
    {
        _scripts = [.. scripts.OrderByDescending(script => script.Folder.Prefix.Length)];
        _mounts = [.. mounts.OrderByDescending(mount => mount.Prefix.Length)];
        _main = main is { } number ? new Route(number, 0) : Route.Nobody;
    }

    /// <summary>The path of the request, not decoded, as the environ has it.</summary>
    /// <remarks>
    /// "*" stays "*", as wsgiref and others have it. An absolute-form may leave the path out, and means "/" by that
    /// (RFC 9110 §4.2.3). CONNECT, whose target has no path, gets an empty one.
    /// </remarks>
    internal static ReadOnlySpan<byte> PathOf(RequestHead head, ReadOnlySpan<byte> bytes)
    {
        if (head.Form == TargetForm.Asterisk) return "*"u8;
        if (head.Path.IsEmpty) return head.Form == TargetForm.Absolute ? "/"u8 : default;
        return head.Path.Of(bytes);
    }

    internal Route Find(RequestHead head, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> path = PathOf(head, bytes);
        if (!path.Contains((byte)'%')) return Find(path, hasEncodedSlash: false);
        byte[] decoded = ArrayPool<byte>.Shared.Rent(path.Length);
        Route route = Find(
            decoded.AsSpan(0, PathDecoder.Decode(path, decoded)),
            path.IndexOf("%2f"u8) >= 0 || path.IndexOf("%2F"u8) >= 0);
        ArrayPool<byte>.Shared.Return(decoded);
        return route;
    }

    /// <summary>Whether the route is that of a page or a mount.</summary>
    internal bool IsOwnPath(Route route) => !route.IsNobody && route != _main;

    /// <param name="path">The decoded path.</param>
    /// <param name="hasEncodedSlash">A slash of it was written as %2F: that is part of a name, and no page has it.</param>
    internal Route Find(ReadOnlySpan<byte> path, bool hasEncodedSlash)
    {
        if (!hasEncodedSlash)
        {
            foreach ((ScriptFolder folder, int application) in _scripts)
            {
                if (folder.HasPage(path)) return new Route(application, path.Length);
            }
        }
        foreach ((byte[] prefix, int application) in _mounts)
        {
            if (UrlPrefix.IsPrefixOf(prefix, path)) return new Route(application, prefix.Length);
        }
        return _main;
    }
}
