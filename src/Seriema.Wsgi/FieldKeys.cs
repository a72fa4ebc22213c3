using System.Buffers;
using System.Text;
using Seriema.CPython;
using Seriema.Protocol;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary>
/// Turns the names of request fields into the keys of the environ, without allocating for a name seen before.
/// </summary>
/// <remarks>
/// The GIL is held; one for each application thread. Bounded: past <see cref="MaxOthers"/> different names, those a
/// client invents are made anew each time, while the names that the parser knows always have their slot.
/// </remarks>
internal sealed class FieldKeys
{
    // More than the fields of any real application; a client that sends inventions fills the table once and no more.
    private const int MaxOthers = 256;

    // Twice the bound, so that a search is short; a power of two.
    private const int TableSize = 2 * MaxOthers;

    // A longer name is no one's standing habit.
    private const int MaxCachedName = 64;

    private static ReadOnlySpan<byte> XForwarded => "x-forwarded-"u8;

    private readonly Slot[] _slots = new Slot[KnownFields.Count + TableSize];
    private int _others;
    private int _serial;

    /// <summary>What is kept for one name.</summary>
    internal struct Slot
    {
        internal byte[]? Name; // null: free, or a known field, found by its number
        internal PyRef Key;
        internal bool IsHidden;
        internal bool IsForwarding; // see FieldKeys.IsForwarding
        internal int Serial; // of the last request that had this field
        internal LastValue Value;
    }

    /// <summary>Starts a request: no field has been seen in it.</summary>
    internal void NextRequest()
    {
        if (++_serial != 0) return;
        // After 2^32 requests a stale number could look like this request's.
        foreach (ref Slot slot in _slots.AsSpan()) slot.Serial = 0;
        _serial = 1;
    }

    /// <summary>The slot of a name; -1 when it has none, then <see cref="MakeKey"/> makes its key.</summary>
    internal int Find(KnownField known, ReadOnlySpan<byte> name)
    {
        if (known != KnownField.Other) return FindKnown(known, name);
        if (name.Length > MaxCachedName) return -1;
        for (uint hash = Hash(name); ; hash++)
        {
            int index = KnownFields.Count + (int)(hash % TableSize);
            ref Slot slot = ref _slots[index];
            if (slot.Name is not null)
            {
                if (Ascii.EqualsIgnoreCase(slot.Name, name)) return index;
                continue;
            }
            if (_others == MaxOthers) return -1;
            _others++;
            slot.Name = name.ToArray();
            slot.IsHidden = IsHidden(known, name);
            slot.IsForwarding = IsForwarding(name);
            slot.Key.Set(MakeKey(name).Steal());
            return index;
        }
    }

    internal ref Slot At(int index) => ref _slots[index];

    /// <summary>Notes that the request has this field; true when it had it before.</summary>
    internal bool IsRepeated(int index)
    {
        ref Slot slot = ref _slots[index];
        bool repeated = slot.Serial == _serial;
        slot.Serial = _serial;
        return repeated;
    }

    /// <summary>A field that must not reach the application.</summary>
    /// <remarks>
    /// <c>Proxy</c> would become HTTP_PROXY, which programs take for their proxy setting ("httpoxy"). A name with an
    /// underscore would become the key of the name with a hyphen, which a proxy in front may vouch for.
    /// </remarks>
    internal static bool IsHidden(KnownField known, ReadOnlySpan<byte> name) =>
        known == KnownField.Proxy || name.Contains((byte)'_');

    /// <summary>A field by which a proxy tells of the client, or of who the client is (X-Forwarded-User).</summary>
    /// <remarks>From anyone but a proxy it is a lie or a mistake, and applications believe it without asking.</remarks>
    internal static bool IsForwarding(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, "forwarded"u8)
        || (name.Length > XForwarded.Length && Ascii.EqualsIgnoreCase(name[..XForwarded.Length], XForwarded));

    /// <summary>
    /// A new interned str: CONTENT_TYPE and CONTENT_LENGTH, else HTTP_ and the name (RFC 3875 §4.1.18).
    /// </summary>
    internal static PyOwned MakeKey(ReadOnlySpan<byte> name)
    {
        bool isContent = KnownFields.Of(name) is KnownField.ContentType or KnownField.ContentLength;
        ReadOnlySpan<byte> prefix = isContent ? default : "HTTP_"u8;
        byte[] key = ArrayPool<byte>.Shared.Rent(prefix.Length + name.Length);
        prefix.CopyTo(key);
        for (int i = 0; i < name.Length; i++)
        {
            byte b = name[i];
            key[prefix.Length + i] = b == '-' ? (byte)'_' : b is >= (byte)'a' and <= (byte)'z' ? (byte)(b - 0x20) : b;
        }
        PyOwned made = PyStrings.Intern(key.AsSpan(0, prefix.Length + name.Length));
        ArrayPool<byte>.Shared.Return(key);
        return made.OrThrow();
    }

    internal void Clear()
    {
        foreach (ref Slot slot in _slots.AsSpan())
        {
            slot.Key.Clear();
            slot.Value.Clear();
        }
    }

    private int FindKnown(KnownField known, ReadOnlySpan<byte> name)
    {
        ref Slot slot = ref _slots[(int)known];
        if (slot.Key.IsNull)
        {
            slot.IsHidden = IsHidden(known, name);
            slot.IsForwarding = IsForwarding(name);
            slot.Key.Set(MakeKey(name).Steal());
        }
        return (int)known;
    }

    // FNV-1a over the letters without their case. A client that makes names collide meets at most MaxOthers of them.
    private static uint Hash(ReadOnlySpan<byte> name)
    {
        uint hash = 2166136261;
        foreach (byte b in name) hash = (hash ^ (b | 0x20u)) * 16777619;
        return hash ^ (hash >> 15);
    }
}
