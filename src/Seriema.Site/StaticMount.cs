using System.Text;
using Seriema.Transport;

namespace Seriema.Site;

/// <summary>One folder of the site and the paths it stands for. Owns the folder's descriptor.</summary>
internal sealed class StaticMount : IDisposable
{
    private readonly Func<string, FolderRoot> _open;
    private FileStatus _status;
    private DateTime _checkedAt;

    /// <exception cref="ArgumentException">The prefix is no path.</exception>
    /// <exception cref="LinuxException">The folder cannot be opened.</exception>
    internal StaticMount(StaticMountOptions options, Func<string, FolderRoot> open)
    {
        string[] names = options.Prefix.Trim('/').Split('/');
        if (!options.Prefix.StartsWith('/') || (names.Length > 1 && names.Any(name => name is "" or "." or "..")))
        {
            throw new ArgumentException($"'{options.Prefix}' is no path that files can stand below", nameof(options));
        }
        string prefix = string.Join('/', names);
        Prefix = Encoding.UTF8.GetBytes(prefix.Length == 0 ? "" : prefix + "/");
        _open = open;
        Root = open(options.Folder);
        _ = Root.Stat(default, out _status);
    }

    /// <summary>How all its decoded paths begin: without a slash in front, with one at the end; empty for the whole site.</summary>
    internal byte[] Prefix { get; }

    internal FolderRoot Root { get; private set; }

    /// <summary>
    /// Whether another folder has taken this one's place, as when <c>current</c> is linked to a new release; if so it is
    /// the one served from now on. Until there is one, the old folder serves on.
    /// </summary>
    internal bool IsReplaced(DateTime now, TimeSpan interval)
    {
        if ((now - _checkedAt).Duration() < interval) return false;
        _checkedAt = now;
        if (FolderRoot.Stat(Root.Path, out FileStatus status) < 0) return false;
        if (status.Inode == _status.Inode && status.Device == _status.Device) return false;
        FolderRoot old = Root;
        try
        {
            Root = _open(old.Path);
        }
        catch (LinuxException)
        {
            return false; // gone again, or no folder
        }
        old.Dispose();
        _ = Root.Stat(default, out _status);
        return true;
    }

    public void Dispose() => Root.Dispose();
}
