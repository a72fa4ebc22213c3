using Seriema.Transport;
using Seriema.Wsgi;

namespace Seriema.Site;

/// <summary>A file's descriptor, shared by the cache and the responses that send it; the last to let go closes it.</summary>
/// <remarks><see cref="Lend"/> is for who has a share; <see cref="Release"/> may be called on any thread.</remarks>
internal sealed class OpenFile : SharedFile
{
    private int _shares = 1;

    internal OpenFile(int descriptor) => Descriptor = descriptor;

    internal override int Descriptor { get; }

    /// <summary>The same file with one share more.</summary>
    internal OpenFile Lend()
    {
        Interlocked.Increment(ref _shares);
        return this;
    }

    internal override int Duplicate() => Files.Duplicate(Descriptor);

    internal override void Release()
    {
        if (Interlocked.Decrement(ref _shares) == 0) _ = Files.Close(Descriptor);
    }
}
