namespace Seriema.Worker;

/// <summary>How much memory the bodies and responses of all connections take, and whether that is too much.</summary>
/// <remarks>Any thread. Nothing is refused here: who finds it short makes do with less, or uses a file.</remarks>
internal sealed class BufferMemory(long budget)
{
    private long _used;

    internal bool IsShort => Used > budget;

    /// <summary>Bytes of all arrays that are rented now.</summary>
    internal long Used => Volatile.Read(ref _used);

    /// <summary>An array was rented; given back, when it is negative.</summary>
    internal void Add(int bytes) => Interlocked.Add(ref _used, bytes);
}
