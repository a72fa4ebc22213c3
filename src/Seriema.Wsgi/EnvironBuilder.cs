using System.Buffers;
using System.Globalization;
using Seriema.CPython;
using Seriema.Protocol;
using Seriema.Wsgi.Native;

namespace Seriema.Wsgi;

/// <summary>Makes the environ of each request: a copy of what stays the same, and the request's own keys.</summary>
/// <remarks>
/// The GIL is held; one for each application thread. What rarely changes from one request to the next (the listener's
/// name, the client's address behind a proxy) is changed in the dict that is copied, so that it costs nothing else.
/// </remarks>
internal sealed class EnvironBuilder
{
    private readonly EnvironKeys _keys;
    private readonly FieldKeys _fields = new();
    private PyRef _base;
    private LastValue _serverName;
    private LastValue _serverPort;
    private LastValue _remoteAddress;
    private bool _isHttps;

    internal EnvironBuilder(EnvironKeys keys, PyBorrowed constants, PyBorrowed errors, PyBorrowed input)
    {
        _keys = keys;
        _base.Set(Python.PyDict_Copy(constants).OrThrow().Steal());
        if (Python.PyDict_SetItemString(_base, "wsgi.errors", errors) < 0) throw PythonException.Fetch();
        UseInput(input);
    }

    /// <summary>The constant part that every thread's copy starts from (PEP 3333 "environ Variables").</summary>
    internal static PyOwned Constants(EnvironKeys keys, GatewayOptions options, PyBorrowed fileWrapper)
    {
        PyOwned constants = Python.PyDict_New().OrThrow();
        using PyOwned empty = PyStrings.FromLatin1([]).OrThrow();
        using PyOwned software = PyStrings.FromLatin1("seriema/0.1.0"u8).OrThrow();
        using PyOwned one = Python.PyLong_FromLongLong(1).OrThrow();
        using PyOwned zero = Python.PyLong_FromLongLong(0).OrThrow();
        using PyOwned version = PyCalls.Tuple([one.Raw, zero.Raw]).OrThrow();
        // The values of requests have their place here too, so that most copies only replace and need not grow.
        Put(constants, keys.RequestMethod, keys.Get);
        Put(constants, keys.ScriptName, empty);
        Put(constants, keys.PathInfo, empty);
        Put(constants, keys.QueryString, empty);
        Put(constants, keys.RequestUri, empty);
        Put(constants, keys.RawUri, empty);
        Put(constants, keys.ServerProtocol, keys.Http11);
        Put(constants, keys.ServerName, empty);
        Put(constants, keys.ServerPort, empty);
        Put(constants, keys.RemoteAddr, empty);
        Put(constants, keys.RemotePort, empty);
        Put(constants, keys.UrlScheme, keys.Http);
        Put(constants, "SERVER_SOFTWARE", software);
        Put(constants, "wsgi.version", version);
        Put(constants, "wsgi.multithread", options.IsMultithreaded ? Python.Py_True : Python.Py_False);
        Put(constants, "wsgi.multiprocess", options.IsMultiprocess ? Python.Py_True : Python.Py_False);
        Put(constants, "wsgi.run_once", Python.Py_False);
        Put(constants, "wsgi.file_wrapper", fileWrapper);
        // The input ends where the body does, chunked or not: frameworks may read to its end without a CONTENT_LENGTH.
        Put(constants, "wsgi.input_terminated", Python.Py_True);
        return constants;
    }

    /// <summary>The <c>wsgi.input</c> of the requests that follow.</summary>
    internal void UseInput(PyBorrowed input) => Put(_base, _keys.Input, input);

    /// <summary>A new dict, which the application may change as it likes.</summary>
    /// <param name="scriptNameLength">How much of the decoded path is SCRIPT_NAME.</param>
    internal PyOwned Build(WsgiExchange exchange, int scriptNameLength)
    {
        UpdateBase(exchange);
        PyOwned environ = Python.PyDict_Copy(_base).OrThrow();
        try
        {
            ForwardedHead? forwarded = exchange.Forwarded;
            AddRequestLine(environ, exchange.Head, exchange.HeadBytes, forwarded is null ? default : forwarded.Prefix, scriptNameLength);
            AddText(environ, _keys.RemotePort, exchange.RemotePort);
            AddFields(environ, exchange.Head, exchange.HeadBytes, forwarded);
            if (exchange.Head.IsChunked && exchange.HeldBodyLength is >= 0 and long held) AddLength(environ, held);
            return new PyOwned(environ.Take());
        }
        finally
        {
            environ.Dispose();
        }
    }

    internal void Clear()
    {
        _base.Clear();
        _serverName.Clear();
        _serverPort.Clear();
        _remoteAddress.Clear();
        _fields.Clear();
    }

    private void UpdateBase(WsgiExchange exchange)
    {
        PutChanged(_keys.ServerName, ref _serverName, exchange.ServerName);
        PutChanged(_keys.ServerPort, ref _serverPort, exchange.ServerPort);
        PutChanged(_keys.RemoteAddr, ref _remoteAddress, exchange.RemoteAddress);
        // The connection's scheme, not what the client wrote into an absolute-form target.
        if (exchange.IsHttps == _isHttps) return;
        _isHttps = exchange.IsHttps;
        Put(_base, _keys.UrlScheme, _isHttps ? _keys.Https : _keys.Http);
    }

    private void PutChanged(PyBorrowed key, ref LastValue last, ReadOnlySpan<byte> value)
    {
        if (last.IsLast(value)) return;
        if (!LastValue.CanHold(value)) throw new ArgumentException("An address is longer than 256 bytes.", nameof(value));
        Put(_base, key, last.Of(value));
    }

    private void AddRequestLine(
        PyBorrowed environ, RequestHead head, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> prefix, int scriptNameLength)
    {
        if (!head.IsGet) AddMethod(environ, head.Method.Of(bytes));
        using PyOwned target = PyStrings.FromLatin1(head.Target.Of(bytes)).OrThrow();
        Put(environ, _keys.RequestUri, target);
        Put(environ, _keys.RawUri, target);
        ReadOnlySpan<byte> path = Routes.PathOf(head, bytes);
        if (path.Contains((byte)'%')) AddDecoded(environ, path, prefix, scriptNameLength);
        else if (scriptNameLength > 0 || !prefix.IsEmpty) AddSplit(environ, path, prefix, scriptNameLength);
        else if (path.Length == head.Target.Length) Put(environ, _keys.PathInfo, target); // it is the whole target
        else AddText(environ, _keys.PathInfo, path);
        if (!head.Query.IsEmpty) AddText(environ, _keys.QueryString, head.Query.Of(bytes));
        if (head.MinorVersion == 0) Put(environ, _keys.ServerProtocol, _keys.Http10);
    }

    private void AddMethod(PyBorrowed environ, ReadOnlySpan<byte> method)
    {
        PyBorrowed usual = _keys.MethodOrNull(method);
        if (usual.IsNull) AddText(environ, _keys.RequestMethod, method);
        else Put(environ, _keys.RequestMethod, usual);
    }

    private void AddDecoded(PyBorrowed environ, ReadOnlySpan<byte> path, ReadOnlySpan<byte> prefix, int scriptNameLength)
    {
        byte[] decoded = ArrayPool<byte>.Shared.Rent(path.Length);
        AddSplit(environ, decoded.AsSpan(0, PathDecoder.Decode(path, decoded)), prefix, scriptNameLength);
        ArrayPool<byte>.Shared.Return(decoded);
    }

    // PEP 3333: SCRIPT_NAME and PATH_INFO together are the path, and either may be empty. What a proxy took off the path
    // stands in front of them.
    private void AddSplit(PyBorrowed environ, ReadOnlySpan<byte> decodedPath, ReadOnlySpan<byte> prefix, int scriptNameLength)
    {
        ReadOnlySpan<byte> scriptName = decodedPath[..scriptNameLength];
        AddText(environ, _keys.PathInfo, decodedPath[scriptNameLength..]);
        if (prefix.IsEmpty && scriptName.IsEmpty) return; // as the constant part has it
        if (prefix.IsEmpty)
        {
            AddText(environ, _keys.ScriptName, scriptName);
            return;
        }
        byte[] joined = ArrayPool<byte>.Shared.Rent(prefix.Length + scriptName.Length);
        prefix.CopyTo(joined);
        scriptName.CopyTo(joined.AsSpan(prefix.Length));
        AddText(environ, _keys.ScriptName, joined.AsSpan(0, prefix.Length + scriptName.Length));
        ArrayPool<byte>.Shared.Return(joined);
    }

    private void AddFields(PyBorrowed environ, RequestHead head, ReadOnlySpan<byte> bytes, ForwardedHead? forwarded)
    {
        _fields.NextRequest();
        ReadOnlySpan<Field> fields = head.Fields;
        for (int i = 0; i < fields.Length; i++)
        {
            ref readonly Field field = ref fields[i];
            // RFC 9112 §3.2.2: the authority of an absolute-form stands in the place of the Host field.
            if (field.Known == KnownField.Host && head.Form == TargetForm.Absolute) continue;
            AddField(environ, in field, field.Name.Of(bytes), field.Value.Of(bytes), i, forwarded);
        }
        if (forwarded is not null && !forwarded.Host.IsEmpty) AddText(environ, _keys.HttpHost, forwarded.Host);
        else if (head.Form == TargetForm.Absolute && !head.Host.IsEmpty) AddText(environ, _keys.HttpHost, head.Host.Of(bytes));
    }

    private void AddField(
        PyBorrowed environ, in Field field, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int place, ForwardedHead? forwarded)
    {
        int index = _fields.Find(field.Known, name);
        if (index < 0)
        {
            if (FieldKeys.IsHidden(field.Known, name) || (forwarded is null && FieldKeys.IsForwarding(name))) return;
            using PyOwned key = FieldKeys.MakeKey(name);
            PyBorrowed before = Python.PyDict_GetItemWithError(environ, key);
            if (before.IsNull) AddText(environ, key, value);
            else Join(environ, key, before, value, ","u8);
            return;
        }
        ref FieldKeys.Slot slot = ref _fields.At(index);
        if (slot.IsHidden || (slot.IsForwarding && !TryVouched(in field, place, forwarded, ref value))) return;
        if (_fields.IsRepeated(index))
        {
            // RFC 9110 §5.3; Cookie is no list and joins by its own rule, RFC 6265 §5.4.
            Join(environ, slot.Key, Python.PyDict_GetItemWithError(environ, slot.Key), value,
                field.Known == KnownField.Cookie ? "; "u8 : ","u8);
        }
        else if (IsWorthKeeping(field.Known) && LastValue.CanHold(value))
        {
            Put(environ, slot.Key, slot.Value.Of(value));
        }
        else
        {
            AddText(environ, slot.Key, value);
        }
    }

    // The application sees of these fields what a trusted proxy wrote, and nothing of what a client put in front of it.
    private static bool TryVouched(in Field field, int place, ForwardedHead? forwarded, ref ReadOnlySpan<byte> value)
    {
        if (forwarded is null) return false;
        if (ForwardedPolicy.Of(field.Known) == ForwardedFields.None) return true; // one that the server knows nothing of
        bool shows = forwarded.Shows(place, field.Known, out int skipped);
        value = value[skipped..];
        return shows;
    }

    // Values of one client only, and secrets, are not kept beyond their request.
    private static bool IsWorthKeeping(KnownField known) => known is not (KnownField.Other or KnownField.Cookie
        or KnownField.Authorization or KnownField.ProxyAuthorization or KnownField.ContentLength
        or KnownField.XRequestId or KnownField.XForwardedFor or KnownField.Forwarded or KnownField.IfNoneMatch or KnownField.IfModifiedSince
        or KnownField.IfMatch or KnownField.IfUnmodifiedSince or KnownField.IfRange);

    // RFC 9112 §7.1.3: once all chunks are decoded the length is known. Frameworks that read CONTENT_LENGTH bytes, as
    // Django does, would take a body without it for an empty one.
    private void AddLength(PyBorrowed environ, long length)
    {
        Span<byte> digits = stackalloc byte[19]; // the longest that is not negative
        length.TryFormat(digits, out int count, provider: CultureInfo.InvariantCulture);
        AddText(environ, _keys.ContentLength, digits[..count]);
    }

    private static void Join(
        PyBorrowed environ, PyBorrowed key, PyBorrowed before, ReadOnlySpan<byte> value, ReadOnlySpan<byte> separator)
    {
        // Rare, so the first value is read back rather than kept at hand.
        if (before.IsNull || !Text.TryLatin1(before, out PyOwned holder, out ReadOnlySpan<byte> first))
        {
            throw new InvalidOperationException("A field's first value is not in the environ.");
        }
        using (holder)
        {
            int length = first.Length + separator.Length + value.Length;
            byte[] joined = ArrayPool<byte>.Shared.Rent(length);
            first.CopyTo(joined);
            separator.CopyTo(joined.AsSpan(first.Length));
            value.CopyTo(joined.AsSpan(first.Length + separator.Length));
            AddText(environ, key, joined.AsSpan(0, length));
            ArrayPool<byte>.Shared.Return(joined);
        }
    }

    private static void AddText(PyBorrowed environ, PyBorrowed key, ReadOnlySpan<byte> value)
    {
        using PyOwned text = PyStrings.FromLatin1(value).OrThrow();
        Put(environ, key, text);
    }

    private static void Put(PyBorrowed environ, PyBorrowed key, PyBorrowed value)
    {
        if (Python.PyDict_SetItem(environ, key, value) < 0) throw PythonException.Fetch();
    }

    private static void Put(PyBorrowed environ, string key, PyBorrowed value)
    {
        if (Python.PyDict_SetItemString(environ, key, value) < 0) throw PythonException.Fetch();
    }
}
