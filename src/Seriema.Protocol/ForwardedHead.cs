using System.Globalization;
using System.Text;

namespace Seriema.Protocol;

/// <summary>What the fields of trusted proxies say of a request: who the client is, and what it asked for.</summary>
/// <remarks>
/// One for each exchange, reused without allocating (an IPv6 address costs one object). Whether the peer is trusted
/// at all is the caller's to know: of any other, <see cref="Read"/> must not be called. docs/decisions/forwarded-fields.md
/// has the reasons.
/// </remarks>
internal sealed class ForwardedHead(ForwardedPolicy policy)
{
    // DNS has 253 characters; what is longer is nobody's name, and the environ's builder keeps up to 256.
    private const int MaxHost = 255;
    private const int MaxPortSuffix = 6; // ":65535"

    private const int MaxPrefix = 1024; // nobody's mount is deeper

    private readonly ForwardedPolicy _policy = policy;
    private readonly ForwardedElements _elements = new();
    private readonly byte[] _address = new byte[IpAddress.MaxText];
    private readonly byte[] _port = new byte[5];
    private readonly byte[] _host = new byte[MaxHost + MaxPortSuffix];
    private readonly byte[] _serverPort = new byte[5];
    private readonly byte[] _prefix = new byte[MaxPrefix];
    private int _addressLength;
    private int _portLength;
    private int _hostLength;
    private int _serverNameLength;
    private int _serverPortLength;
    private int _prefixLength;
    private bool _isRead;
    private int _clientField = -1; // of X-Forwarded-For or Forwarded: what the client's proxy wrote begins there
    private int _clientOffset;

    /// <summary>Whether a field tells of the client; its address may be empty all the same: it is not to be known.</summary>
    internal bool HasClient { get; private set; }

    /// <summary>The client's address, in the text that a peer's has.</summary>
    internal ReadOnlySpan<byte> Address => _address.AsSpan(0, _addressLength);

    /// <summary>That address as clients are counted; null when it is not to be known.</summary>
    internal IpAddress? Client { get; private set; }

    /// <summary>The client's port; empty when no field has it.</summary>
    internal ReadOnlySpan<byte> Port => _port.AsSpan(0, _portLength);

    /// <summary>The scheme that the client used; null when no field has it.</summary>
    internal bool? IsHttps { get; private set; }

    /// <summary>What is to stand in the place of Host; empty when that is right.</summary>
    internal ReadOnlySpan<byte> Host => _host.AsSpan(0, _hostLength);

    /// <summary>The host without its port; empty when no field has it.</summary>
    internal ReadOnlySpan<byte> ServerName => _host.AsSpan(0, _serverNameLength);

    /// <summary>The port that the client connected to, as far as can be told; empty when no field says anything of it.</summary>
    internal ReadOnlySpan<byte> ServerPort => _serverPort.AsSpan(0, _serverPortLength);

    /// <summary>The decoded path that the proxy took off the front of the URL's; no slash at its end.</summary>
    internal ReadOnlySpan<byte> Prefix => _prefix.AsSpan(0, _prefixLength);

    internal void Clear()
    {
        if (!_isRead) return;
        _isRead = false;
        HasClient = false;
        IsHttps = null;
        _addressLength = _portLength = _hostLength = _serverNameLength = _serverPortLength = _prefixLength = 0;
        _clientField = -1;
        _clientOffset = 0;
    }

    /// <summary>Reads the fields of a request that a trusted peer has sent. False when one is not what it should be.</summary>
    internal bool Read(RequestHead head, ReadOnlySpan<byte> bytes)
    {
        Clear();
        _isRead = true;
        if (!head.HasForwarding || _policy.Fields == ForwardedFields.None) return true;
        ReadOnlySpan<byte> proto, host;
        ReadOnlySpan<byte> port = default, prefix = default;
        if (Honours(ForwardedFields.Forwarded))
        {
            if (!ReadForwarded(head, bytes, out proto, out host)) return false;
        }
        else
        {
            if (!ReadFor(head, bytes, out int hops)) return false;
            proto = FromRight(head, bytes, KnownField.XForwardedProto, hops);
            host = FromRight(head, bytes, KnownField.XForwardedHost, hops);
            port = FromRight(head, bytes, KnownField.XForwardedPort, hops);
            prefix = FromRight(head, bytes, KnownField.XForwardedPrefix, hops);
        }
        return ReadScheme(proto) && ReadHost(head.Host.Of(bytes), host, port) && ReadPrefix(prefix);
    }

    /// <summary>
    /// Whether the application may see a field of this name, and from where on: only what trusted proxies have written.
    /// </summary>
    internal bool Shows(int fieldIndex, KnownField known, out int skipped)
    {
        skipped = 0;
        ForwardedFields field = ForwardedPolicy.Of(known);
        if (!Honours(field)) return false;
        // What stands in front of the client's address was written by the client.
        if (field is not (ForwardedFields.For or ForwardedFields.Forwarded) || fieldIndex > _clientField) return true;
        if (fieldIndex == _clientField) skipped = _clientOffset;
        return fieldIndex == _clientField;
    }

    private bool Honours(ForwardedFields field) => (_policy.Fields & field) != 0;

    // From the right, because each proxy appends whom it was called by: the first that is no proxy of ours is the client,
    // and whatever stands in front of that it may have written itself.
    private bool ReadFor(RequestHead head, ReadOnlySpan<byte> bytes, out int hops)
    {
        hops = 0;
        if (!Honours(ForwardedFields.For)) return true;
        for (int i = head.FieldCount - 1; i >= 0; i--)
        {
            ref readonly Field field = ref head.GetField(i);
            if (field.Known != KnownField.XForwardedFor) continue;
            ReadOnlySpan<byte> value = field.Value.Of(bytes);
            while (TryLastElement(ref value, out ReadOnlySpan<byte> element, out int offset))
            {
                if (!ForwardedNode.TryParse(element, needsBrackets: false, out ForwardedNode node)) return false;
                if (HasClient) hops++;
                SetClient(node, i, offset);
                if (!node.IsKnown || !_policy.Proxies.Has(node.Address)) return true;
            }
        }
        return true; // proxies all the way: the farthest asks for itself
    }

    private bool ReadForwarded(
        RequestHead head, ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> proto, out ReadOnlySpan<byte> host)
    {
        proto = host = default;
        if (!_elements.Read(head, bytes)) return false;
        for (int i = 0; i < _elements.Count; i++)
        {
            ForwardedElement element = _elements.FromRight(i);
            // What the farthest of our proxies says counts; where it says nothing, the next one's word does.
            if (!element.Proto.IsEmpty) proto = element.Proto.Of(bytes);
            if (!element.Host.IsEmpty) host = element.Host.Of(bytes);
            ForwardedNode node = default;
            if (!element.For.IsEmpty && !ForwardedNode.TryParse(element.For.Of(bytes), needsBrackets: true, out node)) return false;
            SetClient(node, element.Field, element.Offset);
            HasClient = i > 0 || !element.For.IsEmpty; // a proxy may tell of the scheme alone
            if (!node.IsKnown || !_policy.Proxies.Has(node.Address)) return true;
        }
        return !_elements.HasMore; // the client is one that was not kept
    }

    private void SetClient(ForwardedNode node, int field, int offset)
    {
        HasClient = true;
        (_clientField, _clientOffset) = (field, offset);
        Client = node.IsKnown ? node.Address.Client : null;
        _addressLength = node.IsKnown ? node.Address.Format(_address) : 0;
        _portLength = node.IsKnown && node.Port >= 0 ? Format(node.Port, _port) : 0;
    }

    private bool ReadScheme(ReadOnlySpan<byte> proto)
    {
        if (proto.IsEmpty) return true;
        // A proxy names so what begins as a request for a WebSocket.
        bool isHttps = Ascii.EqualsIgnoreCase(proto, "https"u8) || Ascii.EqualsIgnoreCase(proto, "wss"u8);
        IsHttps = isHttps;
        return isHttps || Ascii.EqualsIgnoreCase(proto, "http"u8) || Ascii.EqualsIgnoreCase(proto, "ws"u8);
    }

    private bool ReadHost(ReadOnlySpan<byte> own, ReadOnlySpan<byte> forwarded, ReadOnlySpan<byte> port)
    {
        if (forwarded.IsEmpty && port.IsEmpty && IsHttps is null) return true;
        if (Authority.Check(forwarded, RejectReason.BadHost) != RejectReason.None) return false;
        int number = 0;
        if (!port.IsEmpty && !ForwardedNode.TryParsePortNumber(port, out number)) return false;
        ReadOnlySpan<byte> host = forwarded.IsEmpty ? own : forwarded;
        if (host.Length > MaxHost) return false;
        int colon = host.LastIndexOf((byte)':');
        ReadOnlySpan<byte> name = colon > host.LastIndexOf((byte)']') ? host[..colon] : host; // [::1] has colons of its own
        int usual = IsHttps == true ? 443 : 80;
        if (number == 0) _ = ForwardedNode.TryParsePortNumber(host[Math.Min(name.Length + 1, host.Length)..], out number);
        if (number == 0) number = usual;
        _serverPortLength = Format(number, _serverPort);
        if (forwarded.IsEmpty && port.IsEmpty) return true; // Host is as the client sent it
        if (!forwarded.IsEmpty) _serverNameLength = name.Length;
        if (name.IsEmpty) return true; // HTTP/1.0 without Host
        if (port.IsEmpty)
        {
            host.CopyTo(_host);
            _hostLength = host.Length;
            return true;
        }
        name.CopyTo(_host);
        _hostLength = name.Length;
        if (number == usual) return true;
        _host[_hostLength++] = (byte)':';
        _hostLength += Format(number, _host.AsSpan(_hostLength));
        return true;
    }

    // It becomes SCRIPT_NAME, which applications put in front of the paths of links and redirects: "//host" there
    // would lead to another server.
    private bool ReadPrefix(ReadOnlySpan<byte> prefix)
    {
        if (prefix.IsEmpty) return true;
        if (prefix.Length > MaxPrefix || prefix[0] != '/') return false;
        Span<byte> path = stackalloc byte[UrlPath.MaxLength + 1];
        if (UrlPath.Decode(prefix, path, allowWellKnown: false, out int length, out _) != PathVerdict.Ok) return false;
        if (length == 0) return true; // "/" takes nothing off
        _prefix[0] = (byte)'/';
        path[..length].CopyTo(_prefix.AsSpan(1));
        _prefixLength = length + 1;
        return true;
    }

    /// <summary>
    /// The element that the client's proxy wrote: each of ours appended at most one, so that all of the last
    /// <paramref name="hops"/> + 1 are theirs. When there are fewer, they overwrite instead, and the first is meant.
    /// </summary>
    private ReadOnlySpan<byte> FromRight(RequestHead head, ReadOnlySpan<byte> bytes, KnownField known, int hops)
    {
        ReadOnlySpan<byte> found = default;
        if (!Honours(ForwardedPolicy.Of(known))) return found;
        for (int i = head.FieldCount - 1; i >= 0; i--)
        {
            ref readonly Field field = ref head.GetField(i);
            if (field.Known != known) continue;
            ReadOnlySpan<byte> value = field.Value.Of(bytes);
            while (TryLastElement(ref value, out ReadOnlySpan<byte> element, out _))
            {
                found = element;
                if (hops-- == 0) return found;
            }
        }
        return found;
    }

    /// <summary>Takes the last element off a list; empty ones do not count (RFC 9110 §5.6.1.2).</summary>
    private static bool TryLastElement(scoped ref ReadOnlySpan<byte> list, out ReadOnlySpan<byte> element, out int offset)
    {
        while (!list.IsEmpty)
        {
            int comma = list.LastIndexOf((byte)',');
            offset = comma + 1;
            while (offset < list.Length && Grammar.IsOws(list[offset])) offset++;
            element = Grammar.TrimOws(list[(comma + 1)..]);
            list = comma < 0 ? default : list[..comma];
            if (!element.IsEmpty) return true;
        }
        element = default;
        offset = 0;
        return false;
    }

    private static int Format(int number, Span<byte> text)
    {
        _ = number.TryFormat(text, out int length, provider: CultureInfo.InvariantCulture);
        return length;
    }
}
