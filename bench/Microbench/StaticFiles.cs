using System.Text;
using BenchmarkDotNet.Attributes;
using Seriema.Protocol;
using Seriema.Site;
using Seriema.Transport;
using Seriema.Wsgi;

namespace Microbench;

/// <summary>A request for a known file: all but the system calls of the connection.</summary>
public class StaticFiles
{
    private const string Browser = "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html,*/*;q=0.8\r\n"
        + "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-GB,en;q=0.9\r\nSec-Fetch-Mode: navigate\r\n";

    private DirectoryInfo _folder = null!;
    private StaticSite _site = null!;
    private FileExchange _whole = null!;
    private FileExchange _large = null!;
    private FileExchange _known = null!;
    private FileExchange _coded = null!;
    private FileExchange _missing = null!;

    [GlobalSetup]
    public void Setup()
    {
        _folder = Directory.CreateTempSubdirectory("seriema-bench-");
        File.WriteAllBytes(Path.Combine(_folder.FullName, "small.css"), new byte[10_000]);
        File.WriteAllBytes(Path.Combine(_folder.FullName, "large.css"), new byte[100_000]);
        foreach (string suffix in (string[])["", ".br", ".gz"]) File.WriteAllBytes(Path.Combine(_folder.FullName, "app.js" + suffix), new byte[10_000]);
        _site = new StaticSite(new StaticSiteOptions
        {
            Mounts = [new StaticMountOptions("/", _folder.FullName)],
            MediaTypes = new Dictionary<string, string> { [".css"] = "text/css", [".js"] = "text/javascript" },
        });
        _whole = Request("/small.css", "");
        _large = Request("/large.css", "");
        _known = Request("/small.css", "If-None-Match: *\r\n");
        _coded = Request("/app.js", "");
        _missing = Request("/application/page", "");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _site.Dispose();
        _folder.Delete(recursive: true);
    }

    [Benchmark]
    public bool Whole_10_kB() => Serve(_whole);

    [Benchmark]
    public bool Whole_100_kB_but_its_sendfile() => Serve(_large);

    [Benchmark]
    public bool Precompressed_10_kB() => Serve(_coded);

    [Benchmark]
    public bool Not_modified() => Serve(_known);

    [Benchmark]
    public bool Not_a_file() => Serve(_missing);

    private bool Serve(FileExchange exchange)
    {
        exchange.Again();
        return _site.TryServe(exchange);
    }

    private static FileExchange Request(string path, string fields) =>
        new(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: example.org\r\n{Browser}{fields}\r\n"));
}

/// <summary>The same bytes to a connected socket in the ways that a static file can go there, and received again.</summary>
public class FileToSocket
{
    private readonly byte[] _head = new byte[300]; // as long as such a response's head is
    private readonly byte[] _received = new byte[1 << 20];
    private readonly Sockets _sockets = new();
    private byte[] _bytes = [];
    private byte[] _buffer = [];
    private string _path = "";
    private int _file;
    private System.Net.Sockets.Socket _listener = null!;
    private System.Net.Sockets.Socket _client = null!;
    private System.Net.Sockets.Socket _server = null!;

    [Params(1_000, 4_000, 10_000, 16_384, 32_768, 65_536)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _path = Path.GetTempFileName();
        File.WriteAllBytes(_path, new byte[Size]);
        using FolderRoot folder = new(Path.GetDirectoryName(_path)!);
        _file = folder.OpenFile(Encoding.UTF8.GetBytes(Path.GetFileName(_path)), out _);
        _bytes = new byte[Size];
        _buffer = new byte[Size + _head.Length];
        _listener = new(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        _listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        _listener.Listen();
        _client = new(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
        _client.Connect(_listener.LocalEndPoint!);
        _server = _listener.Accept();
        _server.NoDelay = true;
        _server.SendBufferSize = _client.ReceiveBufferSize = 1 << 20; // one thread sends and receives
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _server.Dispose();
        _client.Dispose();
        _listener.Dispose();
        _ = Files.Close(_file);
        File.Delete(_path);
    }

    [Benchmark(Baseline = true)]
    public void Copied_behind_the_head()
    {
        _head.CopyTo(_buffer, 0);
        _bytes.CopyTo(_buffer, _head.Length);
        Receive(_sockets.Send(Descriptor, _buffer, more: false));
    }

    [Benchmark]
    public void Sendfile()
    {
        int sent = _sockets.Send(Descriptor, _head, more: true);
        long offset = 0;
        while (offset < Size) sent += _sockets.SendFile(Descriptor, _file, ref offset, Size - offset);
        Receive(sent);
    }

    [Benchmark]
    public void Sendfile_of_a_duplicate()
    {
        int own = Files.Duplicate(_file);
        int sent = _sockets.Send(Descriptor, _head, more: true);
        long offset = 0;
        while (offset < Size) sent += _sockets.SendFile(Descriptor, own, ref offset, Size - offset);
        _ = Files.Close(own);
        Receive(sent);
    }

    private int Descriptor => (int)_server.SafeHandle.DangerousGetHandle();

    private void Receive(int sent)
    {
        if (sent != Size + _head.Length) throw new InvalidOperationException($"sent {sent}");
        while (sent > 0) sent -= _sockets.Receive((int)_client.SafeHandle.DangerousGetHandle(), _received);
    }
}

/// <summary>Takes a file's response: the head and small bodies into a buffer, of larger ones only the share of the file.</summary>
internal sealed class FileExchange : WsgiExchange
{
    private readonly byte[] _request;
    private readonly byte[] _response = new byte[1 << 15];
    private readonly byte[] _date = [.. "Thu, 01 Jan 1970 00:00:00 GMT"u8];
    private readonly ResponseWriter _writer = new();
    private int _length;

    internal FileExchange(byte[] request)
    {
        _request = request;
        if (new RequestParser(new HttpLimits()).Read(request, Head, out _) != ParseStatus.Done)
        {
            throw new ArgumentException("not a whole request", nameof(request));
        }
    }

    internal override RequestHead Head { get; } = new();

    internal override ReadOnlySpan<byte> HeadBytes => _request;

    internal override ReadOnlySpan<byte> RemoteAddress => "127.0.0.1"u8;

    internal override ReadOnlySpan<byte> RemotePort => "54321"u8;

    internal override ReadOnlySpan<byte> ServerName => "127.0.0.1"u8;

    internal override ReadOnlySpan<byte> ServerPort => "8000"u8;

    internal override bool IsHttps => false;

    internal override ReadOnlySpan<byte> BufferedBody => default;

    internal override bool IsBodyComplete => true;

    internal override bool BodyAllowed => _writer.BodyAllowed;

    internal void Again() => _length = 0;

    internal override void ConsumeBody(int count) => throw NotOfAFile();

    internal override BodyResult FillBody() => throw NotOfAFile();

    internal override void StartHead(int status, ReadOnlySpan<byte> reason)
    {
        _writer.Begin(Head.MinorVersion, Head.IsHead, Head.KeepAlive);
        _length += _writer.WriteStatusLine(Room, status, reason);
    }

    internal override FieldVerdict AddField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        FieldVerdict verdict = _writer.WriteField(Room, name, value, out int written);
        _length += written;
        return verdict;
    }

    internal override void DiscardHead() => throw NotOfAFile();

    internal override void EndHead(long knownLength) => _length += _writer.EndHead(Room, knownLength, _date);

    internal override int Write(ReadOnlySpan<byte> data, out WriteVerdict verdict)
    {
        verdict = _writer.BeginBody(data.Length, Room, out _, out _);
        data.CopyTo(Room);
        _length += data.Length;
        return data.Length;
    }

    internal override bool Flush() => throw NotOfAFile();

    internal override void SendFile(int fd, long offset, long count) => throw NotOfAFile();

    internal override void SendFile(SharedFile file, long offset, long count, long following)
    {
        _writer.BeginFile(count);
        file.Release();
    }

    internal override void Complete() => _length += _writer.Finish(Room, out _);

    internal override void Abort() => throw NotOfAFile();

    private Span<byte> Room => _response.AsSpan(_length);

    private static NotSupportedException NotOfAFile() => new("no file's response does that");
}
