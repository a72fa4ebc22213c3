using System.Text;
using Seriema.Protocol;
using Seriema.Transport;

namespace Seriema.Site;

/// <summary>Makes a strong entity tag (RFC 9110 §8.8.1) from what the kernel says of a file.</summary>
/// <remarks>
/// The same in every process and after a restart. The time of change is in it, which no program can set back, so a copy
/// that keeps size and modification time gets another tag. The numbers are mixed, because inodes are nobody's business.
/// Two writes within one tick of the kernel's clock have one time (Linux 6.13 tells those apart that were looked at
/// between): a file should be replaced by a rename, which gives another inode.
/// </remarks>
internal static class EntityTagText
{
    internal static byte[] Of(in FileStatus status, ContentCodings coding)
    {
        ulong mixed = Mix(status.Inode);
        mixed = Mix(mixed ^ (ulong)status.ModifiedSeconds);
        mixed = Mix(mixed ^ (ulong)status.ModifiedNanoseconds);
        mixed = Mix(mixed ^ (ulong)status.ChangedSeconds);
        mixed = Mix(mixed ^ (ulong)status.ChangedNanoseconds);
        // RFC 9110 §8.8.3.3: another coding is another representation, so its tag is another.
        string suffix = coding == ContentCodings.Identity ? "" : "-" + PrecompressedFiles.NameOf(coding);
        return Encoding.ASCII.GetBytes($"\"{mixed:x16}-{status.Size:x}{suffix}\"");
    }

    // The finalizer of SplitMix64: every bit of the input reaches every bit of the output, and no two inputs meet.
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
