using Seriema.Transport.Interop;

namespace Seriema.Site;

/// <summary>What the kernel's refusals mean.</summary>
internal static class Outcomes
{
    /// <summary>Whether there is nothing at the path that may be served, and not only nothing right now.</summary>
    /// <remarks>EACCES and EPERM too: what the server may not read it does not have (RFC 9110 §15.5.4 allows 404).</remarks>
    internal static bool IsAbsence(int result) => result is -Errno.ENOENT or -FileErrno.ENOTDIR or -FileErrno.ELOOP
        or -FileErrno.EXDEV or -FileErrno.EACCES or -Errno.EPERM or -Errno.ENAMETOOLONG or -FileErrno.ENXIO
        or -FileErrno.ENODEV or -FileErrno.EINVAL;

    /// <summary>Whether something is there, or may be, that the operator meant to be served.</summary>
    internal static bool IsUnreadable(int result) =>
        result is -FileErrno.EACCES or -Errno.EPERM || (!IsAbsence(result) && !IsOutOfDescriptors(result));

    /// <summary>Whether there is no descriptor left to open anything with.</summary>
    internal static bool IsOutOfDescriptors(int result) => result is -Errno.EMFILE or -Errno.ENFILE;
}
