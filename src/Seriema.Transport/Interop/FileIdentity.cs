namespace Seriema.Transport.Interop;

/// <summary>Tells one file from another that took its name.</summary>
/// <param name="IsSocket">Whether it is a unix socket.</param>
/// <param name="Device">The file system.</param>
/// <param name="Inode">Its number there; a file system may give the number of a removed file to the next one.</param>
/// <param name="Modified">Nanoseconds; a socket keeps the time at which it was made.</param>
internal readonly record struct FileIdentity(bool IsSocket, ulong Device, ulong Inode, long Modified);
