using System.Net.Sockets;
using Seriema.Transport.Interop;

namespace Seriema.Transport;

/// <summary>The file of a unix socket that this process made; who made it removes it.</summary>
internal sealed class SocketFile
{
    private readonly FileIdentity _identity;

    private SocketFile(string path, FileIdentity identity)
    {
        Path = path;
        _identity = identity;
    }

    internal string Path { get; }

    /// <summary>The file that was just made there; null when it is gone already.</summary>
    internal static SocketFile? At(string path) =>
        Libc.LookAt(path, out FileIdentity identity) >= 0 && identity.IsSocket ? new SocketFile(path, identity) : null;

    /// <summary>Removes the file, unless another one has taken its place.</summary>
    internal void Remove()
    {
        if (Libc.LookAt(Path, out FileIdentity now) >= 0 && now == _identity) TryDelete(Path);
    }

    /// <summary>Removes a socket at which nobody listens any more, as a killed server leaves it.</summary>
    /// <returns>False when something is there that must not be removed; true also when nothing is there.</returns>
    /// <param name="problem">What is there then.</param>
    internal static bool TryClear(string path, out string problem)
    {
        problem = "";
        int result = Libc.LookAt(path, out FileIdentity found);
        if (result == -Errno.ENOENT) return true;
        if (result < 0) problem = new LinuxException("stat", -result).Message;
        else if (!found.IsSocket) problem = "a file that is no socket has this name";
        else if (!IsStale(path)) problem = "Address already in use";
        // Between the question and the answer another server may have made it anew.
        else if (Libc.LookAt(path, out FileIdentity now) >= 0 && now == found && !TryDelete(path)) problem = "the old socket cannot be removed";
        return problem.Length == 0;
    }

    private static bool IsStale(string path)
    {
        using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            client.Connect(new UnixDomainSocketEndPoint(path));
            return false;
        }
        catch (SocketException e)
        {
            // A full queue, or no permission, is no proof that nobody listens.
            return e.SocketErrorCode == SocketError.ConnectionRefused;
        }
    }

    private static bool TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
