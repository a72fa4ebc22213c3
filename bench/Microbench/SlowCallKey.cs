using System.Text;
using BenchmarkDotNet.Attributes;
using Seriema.Worker;

namespace Microbench;

/// <summary>The key under which a request's slowness is remembered; made for every request.</summary>
public class SlowCallKey
{
    private readonly byte[] _host = [.. "www.example.org"u8];
    private byte[] _path = [];

    [Params("/", "/shop/products/1742", "/static/js/vendors.3f9c2b71.min.js")]
    public string Path { get; set; } = "";

    [GlobalSetup]
    public void Setup() => _path = Encoding.ASCII.GetBytes(Path);

    [Benchmark]
    public uint Key() => SlowCalls.Key("GET"u8, _host, _path);
}
